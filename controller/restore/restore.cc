#include "controller/restore/restore.h"

#include <algorithm>
#include <exception>
#include <memory>

#include "controller/capture/job_scope.h"
#include "controller/restore/database_restore.h"
#include "controller/restore/volume_restore.h"

namespace controller {

namespace {

/// The part of the manifest that this restore reads.
Manifest selection(const Manifest& manifest, const RestorePlan& plan) {
  Manifest selected = manifest;
  selected.volumes.clear();
  selected.databases.clear();
  for (const auto& volume : plan.volumes) {
    selected.volumes.push_back(volume.record);
  }
  for (const auto& database : plan.databases) {
    selected.databases.push_back(database.record);
  }
  return selected;
}

void verify(Setting& setting, const Manifest& manifest, const RestorePlan& plan) {
  setting.reporter.phase("verifying " + plan.snapshot);
  const auto selected = selection(manifest, plan);
  const auto total = stored_bytes(selected);
  const auto findings = verify_snapshot(
      setting.store.directory(plan.snapshot), selected, setting.read_dump,
      [&](std::uint64_t bytes) {
        setting.reporter.progress({"snapshot " + plan.snapshot, bytes, total, false});
      });
  if (findings.empty()) {
    return;
  }
  std::string text = "snapshot " + plan.snapshot + " is corrupt; nothing was touched:";
  for (const auto& finding : findings) {
    text += "\n  " + finding.path + ": " + finding.text;
  }
  throw IntegrityError(text);
}

/// Makes the volumes that are missing, and learns where their data lies.
void create_volumes(Setting& setting, JobScope& job, RestorePlan& plan) {
  for (auto& volume : plan.volumes) {
    if (!volume.create) {
      continue;
    }
    job.intend({0, Step::Kind::VolumeCreated, {}, volume.target, ""});
    const auto made = setting.engine.create_volume(volume.spec);
    if (made.driver != volume.spec.driver || made.options != volume.spec.options) {
      throw RestoreRefusal("volume " + volume.target +
                           " appeared with another driver or other options than recorded");
    }
    volume.mountpoint = made.mountpoint;
  }
}

/// Removes volumes that this job made, unless the restore came to its end.
class CreatedVolumes {
 public:
  CreatedVolumes(Setting& setting, const RestorePlan& plan) : setting_(setting), plan_(plan) {}
  CreatedVolumes(const CreatedVolumes&) = delete;
  CreatedVolumes& operator=(const CreatedVolumes&) = delete;

  ~CreatedVolumes() {
    if (kept_) {
      return;
    }
    for (const auto& volume : plan_.volumes) {
      try {
        if (volume.create && !volume.mountpoint.empty()) {
          setting_.engine.remove_volume(volume.target);
        }
      } catch (const dockerapi::Error& error) {
        setting_.reporter.warning("volume " + volume.target +
                                  " was created and could not be removed: " + error.what());
      }
    }
  }

  void keep() { kept_ = true; }

 private:
  Setting& setting_;
  const RestorePlan& plan_;
  bool kept_ = false;
};

/// Everything that was swapped goes back unless keep() is reached.
class Swaps {
 public:
  Swaps(Setting& setting, VolumeRestore* volumes, DatabaseRestore& databases)
      : setting_(setting), volumes_(volumes), databases_(databases) {}
  Swaps(const Swaps&) = delete;
  Swaps& operator=(const Swaps&) = delete;

  ~Swaps() {
    if (!kept_) {
      swap_back();
    }
  }

  void swap() {
    if (volumes_) {
      volumes_->swap();
    }
    databases_.commit();
  }

  void keep() { kept_ = true; }

 private:
  void swap_back() noexcept {
    attempt("the databases", [this] {
      databases_.undo();
      databases_.discard();
    });
    attempt("the volumes", [this] {
      if (!volumes_) {
        return;
      }
      for (const auto& key : volumes_->unswap()) {
        setting_.reporter.warning(
            "volume " + key + " was being replaced in place and is incomplete: restore it again");
      }
    });
  }

  template <typename Action>
  void attempt(const std::string& what, Action action) noexcept {
    try {
      action();
    } catch (const std::exception& error) {
      setting_.reporter.warning("cannot swap " + what + " back now: " + error.what() +
                                "; the journal is replayed by the next start");
    }
  }

  Setting& setting_;
  VolumeRestore* volumes_;
  DatabaseRestore& databases_;
  bool kept_ = false;
};

void note_swaps(JobScope& job, const RestorePlan& plan) {
  for (const auto& volume : plan.volumes) {
    if (volume.method == SwapMethod::Exchange) {
      job.intend({0, Step::Kind::VolumeSwap, {}, volume.target, volume.mountpoint});
    }
  }
  for (const auto& database : plan.databases) {
    job.intend({0, Step::Kind::DatabaseSwap, {}, database.record.service, database.record.name});
  }
}

RestoreResult swap_in_outage(Setting& setting, const std::string& job, const RestorePlan& plan,
                             const RestoreOptions& options, VolumeRestore* volumes,
                             DatabaseRestore& databases) {
  RestoreResult result;
  result.warnings = plan.warnings;
  OutageOptions outage_options;
  outage_options.grace = options.stop_timeout;
  // A restore must not meet a container that the engine's own restart brought up.
  outage_options.hold_restart_policies = true;
  outage_options.lost = [&](const StartFailure& failure) {
    setting.reporter.warning("container " + failure.container +
                             " did not come back: " + failure.text);
  };
  setting.reporter.phase("stopping, swapping, starting");
  Outage outage({setting.engine, setting.journal, setting.clock, job}, plan.stops, outage_options);
  // After the outage, so that on a throw data goes back before its containers start.
  Swaps swaps(setting, volumes, databases);
  swaps.swap();
  const auto disturbances = outage.disturbances();
  if (!disturbances.empty()) {
    throw RestoreRefusal("rolled back: " + disturbances.front());
  }
  setting.journal.mark_committed(job);
  swaps.keep();
  result.not_back = outage.end();
  result.downtime = outage.downtime();
  return result;
}

}  // namespace

RestoreResult restore(Setting& setting, const Manifest& manifest, RestorePlan plan,
                      const RestoreOptions& options, std::stop_token stop) {
  verify(setting, manifest, plan);
  JobScope job(setting.journal, "restore", plan.snapshot, plan.project, OnFailure::LeaveToReplay);
  DatabaseRestore databases(setting, plan);
  CreatedVolumes created(setting, plan);
  create_volumes(setting, job, plan);
  note_swaps(job, plan);

  std::unique_ptr<VolumeRestore> volumes;
  if (!plan.volumes.empty()) {
    setting.reporter.phase("extracting volumes beside the live ones");
    volumes = std::make_unique<VolumeRestore>(setting, job.id(), plan);
    volumes->stage(stop);
  }
  databases.stage(setting.store.directory(plan.snapshot), job.id());
  if (stop.stop_requested()) {
    databases.discard();
    throw Interrupted("cancelled; nothing live was touched");
  }

  auto result = swap_in_outage(setting, job.id(), plan, options, volumes.get(), databases);
  created.keep();
  setting.reporter.phase("removing what was replaced");
  if (volumes) {
    volumes->discard();
  }
  databases.discard();
  job.finish(result.not_back.empty() ? "success" : "degraded");
  return result;
}

}  // namespace controller
