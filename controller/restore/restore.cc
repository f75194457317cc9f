#include "controller/restore/restore.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>

#include "controller/capture/job_scope.h"
#include "controller/hooks/job_hooks.h"
#include "controller/restore/database_restore.h"
#include "controller/restore/health_gate.h"
#include "controller/restore/restore_source.h"
#include "controller/restore/staging_room.h"
#include "controller/restore/swap_scope.h"
#include "controller/restore/volume_restore.h"

namespace controller {

namespace {

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

/// The intents, before the first swap.
void note_swaps(JobScope& job, const RestorePlan& plan) {
  for (std::size_t index = 0; index < plan.volumes.size(); ++index) {
    const auto& volume = plan.volumes[index];
    if (!volume.origin.snapshot && volume.origin.keeper.empty()) {
      continue;
    }
    if (volume.method == SwapMethod::Exchange) {
      job.intend(
          {0, Step::Kind::VolumeSwap, {}, volume.target, volume.mountpoint, volume.origin.keeper});
    } else {
      job.intend(
          {0, Step::Kind::VolumeReplacement, {}, volume.target, kept_archive(job.id(), index), {}});
    }
  }
  for (const auto& database : plan.databases) {
    job.intend({0,
                Step::Kind::DatabaseSwap,
                {},
                database.record.service,
                database.record.name,
                database.origin.keeper});
  }
}

KeptItem kept_item(const PlannedVolumeRestore& volume, std::size_t index, const std::string& job) {
  if (volume.create) {
    return {KeptItem::Kind::NewVolume, volume.target, volume.mountpoint, job, 0};
  }
  if (volume.method == SwapMethod::InPlace) {
    return {KeptItem::Kind::Archive, volume.target, kept_archive(job, index), job, 0};
  }
  return {KeptItem::Kind::Volume, volume.target, volume.mountpoint,
          volume.origin.snapshot ? job : volume.origin.keeper, 0};
}

/// What can be gone back to once the job is past its commit.
RollbackPoint point_of(const Setting& setting, const std::string& job, const RestorePlan& plan,
                       const RestoreOptions& options, const DatabaseRestore& databases) {
  RollbackPoint point{job, plan.kind, plan.project, plan.snapshot, {}, {}, false, {}};
  const auto now = setting.clock.now();
  point.created_at = rfc3339(now);
  point.expires_at = rfc3339(now + options.keep);
  if (options.keep.count() == 0) {
    return point;
  }
  for (std::size_t index = 0; index < plan.volumes.size(); ++index) {
    const auto& volume = plan.volumes[index];
    if (volume.origin.snapshot || !volume.origin.keeper.empty()) {
      point.items.push_back(kept_item(volume, index, job));
    }
  }
  for (std::size_t index = 0; index < plan.databases.size(); ++index) {
    const auto& record = plan.databases[index].record;
    point.items.push_back(
        {databases.has_previous(index) ? KeptItem::Kind::Database : KeptItem::Kind::NewDatabase,
         record.service, record.name, job, 0});
  }
  return point;
}

std::string listed(const std::vector<StartFailure>& failures) {
  std::string text;
  for (const auto& failure : failures) {
    text += (text.empty() ? "container " : "; container ") + failure.container + " " + failure.text;
  }
  return text;
}

/// The part that costs downtime, and the commit.
class Replacement {
 public:
  Replacement(Setting& setting, const RestorePlan& plan, const RestoreOptions& options,
              const std::string& job, JobHooks& hooks)
      : setting_(setting), plan_(plan), options_(options), job_(job), hooks_(hooks) {}

  RestoreResult run(VolumeRestore* volumes, DatabaseRestore& databases) {
    RestoreResult result;
    // Before the swaps, so that on a throw data goes back before its containers start.
    std::optional<Outage> again;
    std::optional<Outage> outage;
    SwapScope swaps(setting_, plan_, job_, volumes, databases);
    setting_.reporter.phase("stopping, swapping, starting");
    outage.emplace(context(), plan_.stops, outage_options());
    swaps.swap();
    if (const auto disturbances = outage->disturbances(); !disturbances.empty()) {
      throw RolledBack("rolled back, since " + disturbances.front() + "; the stack is as it was");
    }
    try {
      prove(*outage);
      auto point = point_of(setting_, job_, plan_, options_, databases);
      setting_.journal.commit(point, plan_.point);
      swaps.keep();
      if (!point.items.empty()) {
        result.point = std::move(point);
      }
    } catch (...) {
      stop_again(again, swaps);
      throw;
    }
    outage->settle();
    result.downtime = outage->downtime();
    return result;
  }

 private:
  /// Everything starts, and is well, and what has to be done with the new data can be done.
  void prove(Outage& outage) {
    auto problems = outage.end();
    const auto unsteady = not_staying_up(setting_.engine, setting_.clock, plan_.stops);
    problems.insert(problems.end(), unsteady.begin(), unsteady.end());
    if (!problems.empty()) {
      throw RolledBack("rolled back: " + listed(problems) + ". What was live before is live again");
    }
    if (const auto failed = hooks_.after(Status::Success, ""); !failed.empty()) {
      throw RolledBack("rolled back: " + failed.front() + ". What was live before is live again");
    }
  }

  [[nodiscard]] OutageContext context() const {
    return {setting_.engine, setting_.journal, setting_.clock, job_};
  }

  [[nodiscard]] OutageOptions outage_options() const {
    OutageOptions options;
    options.grace = options_.stop_timeout;
    // A restore must not meet a container that the engine's own restart brought up.
    options.hold_restart_policies = true;
    options.settle_later = true;
    options.lost = [this](const StartFailure& failure) {
      setting_.reporter.warning("container " + failure.container +
                                " did not come back: " + failure.text);
    };
    return options;
  }

  /// Nobody may have the data open while it is swapped back.
  void stop_again(std::optional<Outage>& again, SwapScope& swaps) {
    setting_.reporter.phase("rolling back");
    try {
      again.emplace(context(), plan_.stops, outage_options());
    } catch (const std::exception& error) {
      swaps.leave_to_replay();
      throw RolledBack(std::string("the stack does not run with what was put in place, and cannot "
                                   "be stopped to go back: ") +
                       error.what() + "; the next start does it. " + by_hand(plan_, job_));
    }
  }

  Setting& setting_;
  const RestorePlan& plan_;
  const RestoreOptions& options_;
  const std::string& job_;
  JobHooks& hooks_;
};

/// An undo of a restore that had made a volume takes it away again.
void remove_new_volumes(Setting& setting, const RestorePlan& plan) {
  for (const auto& volume : plan.volumes) {
    if (volume.origin.snapshot || !volume.origin.keeper.empty()) {
      continue;
    }
    try {
      setting.engine.remove_volume(volume.target);
    } catch (const dockerapi::Conflict&) {
      setting.reporter.warning("volume " + volume.target +
                               ", which the restore had made, is in use by now and stays");
    }
  }
}

/// Notes what the point's items take.  `databases` are their sizes, in the plan's order.
void weigh(Setting& setting, const RestorePlan& plan, RollbackPoint& point, VolumeRestore* volumes,
           const std::vector<std::uint64_t>& databases) {
  const auto weights = volumes ? volumes->weigh() : std::map<std::string, std::uint64_t>{};
  std::map<std::string, std::uint64_t> by_target;
  for (const auto& volume : plan.volumes) {
    const auto found = weights.find(volume.record.key);
    by_target[volume.target] = found == weights.end() ? 0 : found->second;
  }
  std::size_t database = 0;
  for (std::size_t index = 0; index < point.items.size(); ++index) {
    auto& item = point.items[index];
    const bool is_database =
        item.kind == KeptItem::Kind::Database || item.kind == KeptItem::Kind::NewDatabase;
    item.bytes = is_database ? databases.at(database++) : by_target.at(item.subject);
    setting.journal.set_bytes(point.job, index, item.bytes);
  }
}

/// After the commit: the databases are told, and what is kept is weighed or removed.
void settle_down(Setting& setting, const std::string& job, const RestorePlan& plan,
                 RestoreResult& result, VolumeRestore* volumes, DatabaseRestore& databases) {
  const auto sizes = databases.keep(job);
  if (result.point) {
    weigh(setting, plan, *result.point, volumes, sizes);
  } else {
    databases.discard();
    if (volumes) {
      volumes->discard();
    }
  }
  if (volumes) {
    volumes->discard_of_new();
    volumes->finish();
  }
  remove_new_volumes(setting, plan);
}

/// Stages and swaps; when it returns, it counts.
RestoreResult replace(Setting& setting, RestorePlan& plan, const RestoreOptions& options,
                      JobScope& job, JobHooks& hooks, const std::stop_token& stop) {
  DatabaseRestore databases(setting, plan);
  for (const auto& text : databases.cautions()) {
    setting.reporter.warning(text);
  }
  CreatedVolumes created(setting, plan);
  create_volumes(setting, job, plan);
  note_swaps(job, plan);

  std::unique_ptr<VolumeRestore> volumes;
  // An undo stages nothing of a snapshot, which may be gone by now.
  const bool from_snapshot = plan.point.empty();
  if (VolumeRestore::needed(plan)) {
    setting.reporter.phase(from_snapshot ? "extracting volumes beside the live ones"
                                         : "looking for what was kept beside the live volumes");
    volumes = std::make_unique<VolumeRestore>(setting, job.id(), plan);
    const auto rooms = volumes->measure();
    check_room(plan, rooms);
    if (!options.force) {
      check_emptiness(plan, rooms);
    }
    volumes->stage(stop);
  }
  databases.stage(from_snapshot ? setting.store.directory(plan.snapshot) : "", job.id());
  hooks.before(stop);
  if (stop.stop_requested()) {
    databases.discard();
    throw Interrupted("cancelled; nothing live was touched");
  }

  auto result = Replacement(setting, plan, options, job.id(), hooks).run(volumes.get(), databases);
  created.keep();
  hooks.succeeded();
  setting.reporter.phase("clearing up");
  try {
    settle_down(setting, job.id(), plan, result, volumes.get(), databases);
    job.finish("success");
  } catch (const std::exception& error) {
    // It counts already; the replay does the rest.
    setting.reporter.warning(std::string("not cleared up yet: ") + error.what());
  }
  return result;
}

Status status_after(const std::exception& error) {
  const bool cancelled = dynamic_cast<const Interrupted*>(&error) != nullptr ||
                         dynamic_cast<const dockerapi::Cancelled*>(&error) != nullptr;
  return cancelled ? Status::Cancelled : Status::Failed;
}

RestoreResult carry_out(Setting& setting, RestorePlan& plan, const RestoreOptions& options,
                        const std::stop_token& stop) {
  JobScope job(setting.journal, plan.kind, plan.snapshot, plan.project, OnFailure::LeaveToReplay);
  JobHooks hooks({setting.engine, setting.reporter, setting.databases}, setting.journal,
                 {job.id(), plan.snapshot, "", ""}, plan.hooks);
  try {
    return replace(setting, plan, options, job, hooks, stop);
  } catch (const NoSpace& error) {
    if (options.make_room && options.make_room()) {
      hooks.before_another_attempt(error.what());
    } else {
      hooks.after_failure(Status::Failed, error.what());
    }
    throw;
  } catch (const std::exception& error) {
    // Everything is back by now.
    hooks.after_failure(status_after(error), error.what());
    throw;
  }
}

}  // namespace

RestoreResult restore(Setting& setting, const Manifest& manifest, RestorePlan plan,
                      const RestoreOptions& options, std::stop_token stop) {
  check_source(setting, manifest, plan);
  return carry_out(setting, plan, options, stop);
}

RestoreResult undo(Setting& setting, RestorePlan plan, const RestoreOptions& options,
                   std::stop_token stop) {
  return carry_out(setting, plan, options, stop);
}

}  // namespace controller
