#include "controller/capture/capture.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <vector>

#include "controller/capture/database_capture.h"
#include "controller/capture/job_scope.h"
#include "controller/capture/records.h"
#include "controller/capture/volume_capture.h"
#include "controller/capture/watch.h"
#include "controller/hooks/job_hooks.h"
#include "controller/outage/outage.h"

namespace controller {

namespace {

constexpr std::uint64_t kSpaceReserve = std::uint64_t{16} << 20;  // manifest, definition, journal
constexpr double kGrowth = 1.2;     // a component may have grown so much since the last snapshot
constexpr double kDumpShare = 0.6;  // of a database's size on the server; indexes are not dumped

/// Everything that one run gathers on its way to the manifest.
struct Gathered {
  std::map<std::string, ArchiveSummary> volumes;  // by key
  std::vector<DatabaseRecord> databases;
  std::vector<ServerRecord> servers;
  CapturedFiles files;
  std::map<std::string, double> downtime;
  std::vector<std::string> reasons;  // why it is degraded
};

std::vector<std::string> keys_where(const CapturePlan& plan, bool live) {
  std::vector<std::string> keys;
  for (const auto& volume : plan.volumes) {
    if ((volume.mode == Mode::Live) == live) {
      keys.push_back(volume.key);
    }
  }
  return keys;
}

std::uint64_t expected_bytes(const CapturePlan& plan, const std::string& component,
                             std::uint64_t first_guess) {
  if (plan.last) {
    if (const auto found = plan.last->bytes.find(component); found != plan.last->bytes.end()) {
      return static_cast<std::uint64_t>(static_cast<double>(found->second) * kGrowth);
    }
  }
  return first_guess;
}

void check_space(const CapturePlan& plan, const Measurement& measured,
                 const std::vector<DatabaseSize>& databases) {
  std::uint64_t needed = kSpaceReserve;
  for (const auto& [key, size] : measured.volumes) {
    needed += expected_bytes(plan, key, size.bytes);
  }
  for (const auto& database : databases) {
    const auto guess = static_cast<double>(database.bytes) * kDumpShare;
    needed += expected_bytes(plan, database.component, static_cast<std::uint64_t>(guess));
  }
  if (needed > measured.store_free_bytes) {
    throw NoSpace("the store has " + std::to_string(measured.store_free_bytes >> 20) +
                  " MiB free, and this snapshot may need " + std::to_string(needed >> 20) +
                  " MiB. Nothing was stopped. Delete snapshots or enlarge the store");
  }
}

/// Less than the policy asked for, known before anything is done.
std::vector<std::string> planned_shortfalls(const CapturePlan& plan) {
  std::vector<std::string> reasons;
  for (const auto& volume : plan.volumes) {
    for (const auto& name : volume.only_paused) {
      reasons.push_back("volume " + volume.key + ": container " + name +
                        " could only be paused, not stopped");
    }
  }
  return reasons;
}

/// The agent has read every folder: it finds clusters that the plan did not see.
void tell_of_clusters(Setting& setting, const CapturePlan& plan, const Measurement& measured) {
  for (const auto& volume : plan.volumes) {
    const auto size = measured.volumes.find(volume.key);
    if (size == measured.volumes.end() || !size->second.has_postgres_cluster) {
      continue;
    }
    if (volume.mode != Mode::Stop) {
      throw PlanRefusal(live_cluster_text(volume.key));
    }
    if (volume.holds_cluster) {
      continue;
    }
    setting.reporter.warning("volume " + volume.key +
                             " holds a PostgreSQL cluster and is copied as files while its server "
                             "is down; with cofferdam.database: postgres on its service it would "
                             "be dumped live");
  }
}

std::string stop_text(const CapturePlan& plan) {
  std::string names;
  for (const auto& stop : plan.stops) {
    names += (names.empty() ? "" : ", ") + stop.name;
  }
  return names.empty() ? "copying volumes" : "stopping " + names;
}

/// The part that costs downtime, and nothing else.
void capture_quiesced(Setting& setting, const CapturePlan& plan, const CaptureRequest& request,
                      const std::string& job, VolumeCapture& volumes, DatabaseCapture& databases,
                      Gathered& gathered, const std::stop_token& stop) {
  setting.reporter.phase(stop_text(plan));
  Watch watch(setting.engine, plan);
  OutageOptions options;
  options.grace = request.stop_timeout;
  options.lost = [&](const StartFailure& failure) {
    setting.reporter.warning("container " + failure.container +
                             " did not come back: " + failure.text);
  };
  Outage outage({setting.engine, setting.journal, setting.clock, job}, plan.stops, options);
  databases.freeze(stop);
  setting.reporter.phase("copying volumes");
  gathered.volumes = volumes.capture(keys_where(plan, false), stop);

  auto disturbances = outage.disturbances();
  std::ranges::copy(watch.end(), std::back_inserter(disturbances));
  setting.reporter.phase("starting what was stopped");
  for (const auto& failure : outage.end()) {
    gathered.reasons.push_back("container " + failure.container +
                               " did not come back: " + failure.text);
    setting.reporter.warning(gathered.reasons.back());
  }
  gathered.downtime = outage.downtime();
  if (!disturbances.empty()) {
    throw Disturbed("the copy is not consistent: " + disturbances.front() +
                    ". Run the capture again when nothing else starts containers");
  }
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Manifest describe(Setting& setting, const compose::Stack& stack, const CapturePlan& plan,
                  const Gathered& gathered) {
  Manifest manifest;
  manifest.project = plan.project;
  manifest.status = gathered.reasons.empty() ? Status::Success : Status::Degraded;
  manifest.reasons = gathered.reasons;
  manifest.cofferdam_version = COFFERDAM_VERSION;
  const auto version = setting.engine.version();
  manifest.engine_version = version.engine;
  manifest.engine_api = version.api;
  manifest.architecture = version.architecture;
  manifest.hostname = host_name();
  manifest.platform_version = plan.platform_version;
  manifest.working_directory = plan.working_directory;
  manifest.config_files = plan.config_files;
  manifest.services = service_records(setting.engine, stack, gathered.downtime);
  for (const auto& planned : plan.volumes) {
    manifest.volumes.push_back(volume_record(stack, planned, gathered.volumes.at(planned.key)));
  }
  manifest.networks = network_records(stack);
  manifest.databases = gathered.databases;
  manifest.servers = gathered.servers;
  manifest.definition = gathered.files.stored;
  for (const auto& item : plan.unprotected) {
    manifest.uncovered.push_back({item.what, item.reason});
  }
  for (const auto& file : gathered.files.missing) {
    manifest.uncovered.push_back({"compose file " + file, "not found on the engine's host"});
  }
  for (const auto& [name, seconds] : gathered.downtime) {
    manifest.outage_seconds = std::max(manifest.outage_seconds, seconds);
  }
  return manifest;
}

/// While the snapshot can still say that one failed.
void run_hooks_after(JobHooks& hooks, Gathered& gathered) {
  std::string reason;
  for (const auto& one : gathered.reasons) {
    reason += (reason.empty() ? "" : "\n") + one;
  }
  const auto status = gathered.reasons.empty() ? Status::Success : Status::Degraded;
  std::ranges::move(hooks.after(status, reason), std::back_inserter(gathered.reasons));
}

/// What one run works with.
struct Work {
  Setting& setting;
  const compose::Stack& stack;
  const CapturePlan& plan;
  const CaptureRequest& request;
  const std::string& job;
  const std::stop_token& stop;
};

/// All that the snapshot is to hold, written to the draft; the manifest that vouches for it.
Manifest fill(const Work& work, SnapshotDraft& draft, JobHooks& hooks) {
  auto& [setting, stack, plan, request, job, stop] = work;
  const auto began = setting.clock.steady();
  draft.make_folder("volumes");
  draft.make_folder("definition");

  setting.reporter.phase("preparing");
  DatabaseCapture databases(setting, plan,
                            {draft.directory(), "", request.compression, request.dump_format});
  VolumeCapture volumes(setting, job, plan, request.compression,
                        draft.directory().filename().string());
  // Before anything is measured: they may write what is to be captured.
  hooks.before(stop);
  const auto measured = volumes.measure(stop);
  tell_of_clusters(setting, plan, measured);
  check_space(plan, measured, databases.sizes());

  Gathered gathered;
  gathered.reasons = planned_shortfalls(plan);
  const auto created_at = rfc3339(setting.clock.now());
  capture_quiesced(setting, plan, request, job, volumes, databases, gathered, stop);

  // From here on the application runs again.
  gathered.volumes.merge(volumes.capture(keys_where(plan, true), stop));
  gathered.files = volumes.files(stop);
  if (!volumes.definition_problem().empty()) {
    gathered.files.missing = plan.config_files;
  }
  volumes.finish();
  gathered.databases = databases.dump(stop);
  gathered.servers = databases.servers();
  run_hooks_after(hooks, gathered);

  Manifest manifest = describe(setting, stack, plan, gathered);
  manifest.name = request.name;
  manifest.created_at = created_at;
  manifest.finished_at = rfc3339(setting.clock.now());
  manifest.duration_seconds = std::chrono::duration<double>(setting.clock.steady() - began).count();
  return manifest;
}

Status status_after(const std::exception& error) {
  const bool cancelled = dynamic_cast<const Interrupted*>(&error) != nullptr ||
                         dynamic_cast<const dockerapi::Cancelled*>(&error) != nullptr;
  return cancelled ? Status::Cancelled : Status::Failed;
}

}  // namespace

// The order of things in memory is the order of their undoing: on a throw the containers come back
// first, then the agents go, then the hooks run that must, then the draft is removed, then the job
// is closed in the journal.
Manifest capture(Setting& setting, const compose::Stack& stack, const CapturePlan& plan,
                 const CaptureRequest& request, std::stop_token stop) {
  JobScope job(setting.journal, "create", request.name, plan.project, OnFailure::Close);
  job.intend({0, Step::Kind::Draft, {}, request.name, ""});
  const auto draft = setting.store.begin(request.name);
  JobHooks hooks({setting.engine, setting.reporter, setting.databases}, setting.journal,
                 {job.id(), request.name, "", ""}, plan.hooks);
  try {
    auto manifest = fill({setting, stack, plan, request, job.id(), stop}, *draft, hooks);
    draft->commit(manifest);
    hooks.succeeded();
    job.finish(std::string(to_string(manifest.status)));
    return manifest;
  } catch (const std::exception& error) {
    hooks.after_failure(status_after(error), error.what());
    throw;
  }
}

}  // namespace controller
