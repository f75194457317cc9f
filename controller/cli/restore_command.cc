#include <utility>

#include "controller/cli/commands.h"
#include "controller/cli/confirmation.h"
#include "controller/cli/copies.h"
#include "controller/cli/restore_run.h"
#include "controller/cli/restore_views.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/restore/database_restore.h"
#include "controller/restore/restore.h"
#include "controller/restore/rollback.h"
#include "controller/restore/staging_room.h"
#include "controller/restore/table_restore.h"

namespace controller {

namespace {

std::map<std::string, std::string> read_maps(const std::vector<std::string>& maps) {
  std::map<std::string, std::string> read;
  for (const auto& text : maps) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
      throw UsageError("--map " + text + ": it must be VOLUME=NAME");
    }
    read[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return read;
}

/// One table goes into the live database, and nothing of it concerns volumes.
void check_table(const RestoreWords& words) {
  const bool volumes = words.only_volumes || !words.volumes.empty() || !words.maps.empty();
  if (!words.table.empty() && (volumes || !words.as_copy.empty())) {
    throw UsageError("--table " + words.table +
                     ": it goes into the live database, with --database or --services if need be, "
                     "and not with --volume, --only-volumes, --map or --as-copy");
  }
}

RestoreRequest request_of(const RestoreWords& words) {
  check_table(words);
  if (words.only_volumes && words.only_databases) {
    throw UsageError("--only-volumes and --only-databases leave nothing to restore");
  }
  RestoreRequest request;
  request.services = words.services;
  request.volumes = read_maps(words.maps);
  request.stop_running = words.stop_running;
  request.only_volumes = words.volumes;
  request.only_databases = words.databases;
  request.with_volumes = !words.only_databases;
  request.with_databases = !words.only_volumes;
  request.copy_suffix = words.as_copy;
  request.ignore_version = words.ignore_version;
  request.table = words.table;
  if (!words.as_copy.empty() && !valid_snapshot_name(words.as_copy)) {
    throw UsageError("--as-copy " + words.as_copy +
                     ": it may have letters, digits, '.', '-' and '_'");
  }
  if (!words.as_copy.empty() && !words.maps.empty()) {
    throw UsageError("--as-copy names the volumes itself; it does not go with --map");
  }
  return request;
}

Circumstances circumstances_of(Workplace& place, const Manifest& manifest) {
  Circumstances now;
  now.platform_version = place.platform_version();
  now.architecture = place.engine().version().architecture;
  now.database_services = place.database_services();
  now.policy = place.policy();
  for (const auto& entry : place.store().list()) {
    if (entry.summary && entry.summary->project == manifest.project &&
        entry.summary->created_at > manifest.created_at) {
      now.later_snapshots.push_back(entry.name);
    }
  }
  return now;
}

/// Looks at the places where volumes will be staged; those that do not exist yet cannot be.
std::vector<StagingRoom> look_for_room(Setting& setting, const RestorePlan& plan) {
  RestorePlan existing = plan;
  std::erase_if(existing.volumes, [](const auto& volume) { return volume.create; });
  if (!VolumeRestore::needed(existing)) {
    return {};
  }
  VolumeRestore agent(setting, "preview", existing);
  auto rooms = agent.measure();
  agent.finish();
  return rooms;
}

ExitCode dry_run(const CommandContext& context, Workplace& place, const RestorePlan& plan,
                 bool force) {
  auto setting = place.setting();
  const auto rooms = look_for_room(setting, plan);
  if (context.output.json) {
    print(to_json(plan) + "\n");
  } else {
    print(to_text(plan) + to_text(plan, rooms) + data_loss(plan, setting.clock.now()) + "plan " +
          plan_hash(plan) + "\n");
  }
  check_room(plan, rooms);
  if (!force) {
    check_emptiness(plan, rooms);
  }
  if (!is_of_table(plan)) {
    const DatabaseRestore databases(setting, plan);  // throws what stands against it
    for (const auto& text : databases.cautions()) {
      complain("warning: " + text);  // stdout may be a document
    }
  }
  return ExitCode::Success;
}

ExitCode run_of_table(const CommandContext& context, Workplace& place, const Manifest& manifest,
                      const RestorePlan& plan) {
  auto setting = place.setting();
  const auto done = restore_table(setting, manifest, plan, context.stop);
  print(context.output.json ? summary_json(plan, done) : summary_text(plan, done));
  return ExitCode::Success;
}

/// Room is made for a restore by dropping what older ones replaced, oldest first.
bool make_room(Setting& setting, const std::string& project) {
  const auto points = usable_points(setting, project);
  if (points.empty()) {
    return false;
  }
  setting.reporter.warning("there is no room: dropping rollback point " + points.back().job +
                           " of " + points.back().created_at);
  try {
    drop_point(setting, points.back());
  } catch (const std::exception& error) {
    // What the operator is told is that there is no room.
    setting.reporter.warning(std::string("it cannot be dropped now: ") + error.what());
    return false;
  }
  return true;
}

RestoreResult restore_with_room(Workplace& place, Reporter& reporter, const Manifest& manifest,
                                const RestorePlan& plan, RestoreOptions options,
                                const std::stop_token& stop) {
  auto setting = place.setting();
  bool made = false;
  options.make_room = [&] { return made = make_room(setting, plan.project); };
  while (true) {
    try {
      return restore(setting, manifest, plan, options, stop);
    } catch (const std::exception&) {
      clear_up(place, reporter);
      if (!std::exchange(made, false)) {
        throw;
      }
    }
  }
}

}  // namespace

void check_plan(const std::string& shown, const RestorePlan& plan) {
  if (!shown.empty() && shown != plan_hash(plan)) {
    throw Refusal("the plan is not " + shown + " any more but " + plan_hash(plan) +
                  ": something changed since it was shown. Look at it again with --dry-run");
  }
}

void clear_up(Workplace& place, Reporter& reporter) {
  try {
    const auto report = place.replay();
    for (const auto& action : report.actions) {
      reporter.phase(action);
    }
    for (const auto& problem : report.problems) {
      reporter.warning("not cleared up yet: " + problem);
    }
  } catch (const std::exception& error) {
    reporter.warning(std::string("not cleared up yet: ") + error.what());
  }
}

RestoreOptions restore_options(const Settings& settings) {
  RestoreOptions options;
  options.stop_timeout = settings.stop_timeout;
  options.keep = settings.rollback_expiry;
  return options;
}

ExitCode run_restore(const CommandContext& context, const RestoreWords& words) {
  auto output = context.output;
  output.quiet = output.quiet || (output.json && words.dry_run);  // one document on stdout
  const auto reporter = make_reporter(output);
  const auto request = request_of(words);
  Workplace place(context.settings, *reporter);
  if (words.from.empty()) {
    place.store().manifest(words.name);  // what is not there needs no turn
  }
  const auto lock = take_turn(context, place.store(), "restore " + words.name);
  const auto name = words.from.empty()
                        ? words.name
                        : bring_from(context, words.from, place.store(), *reporter, words.name);
  const auto manifest = place.store().manifest(name);
  for (const auto& action : place.replay().actions) {
    reporter->warning("an earlier run did not finish: " + action);
  }
  const auto plan = plan_restore(place.observation(), place.stack(), manifest, request,
                                 circumstances_of(place, manifest));
  if (words.dry_run && context.output.json) {
    return dry_run(context, place, plan, words.force);  // the document has the warnings
  }
  for (const auto& warning : plan.warnings) {
    reporter->warning(warning);
  }
  if (words.dry_run) {
    return dry_run(context, place, plan, words.force);
  }
  check_plan(words.plan, plan);
  if (!words.yes && words.plan.empty()) {
    complain(to_text(plan) + data_loss(plan, SystemClock().now()));
    confirm("Replace the live data with that of " + name + "?", "--yes");
  }
  if (is_of_table(plan)) {
    return run_of_table(context, place, manifest, plan);
  }
  auto options = restore_options(context.settings);
  options.force = words.force;
  const auto result = restore_with_room(place, *reporter, manifest, plan, options, context.stop);
  print(context.output.json ? summary_json(plan, result) : summary_text(plan, result));
  return ExitCode::Success;
}

}  // namespace controller
