#include "controller/archive/volume_archive.h"
#include "controller/cli/commands.h"
#include "controller/cli/copies.h"
#include "controller/cli/open_destination.h"
#include "controller/cli/remote_views.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/remote/copy_notes.h"
#include "controller/remote/snapshot_copy.h"
#include "controller/remote/snapshot_fetch.h"

namespace controller {

namespace {

CopyProgress progress_of(Reporter& reporter, const std::string& destination) {
  return [&reporter, destination](const std::string& snapshot, std::uint64_t bytes,
                                  std::uint64_t total) {
    reporter.progress({"copy of " + snapshot + " to " + destination, bytes, total, bytes == total});
  };
}

void tell_result(const CommandContext& context, const CopyResult& result) {
  print(context.output.json ? copy_json(result) : copy_text(result));
}

struct Settlement {
  bool any_gone = false;
  std::exception_ptr failure;  // of the first that failed
};

/// All that is owed to one destination.
Settlement settle(const CommandContext& context, OpenDestination& open, SnapshotStore& store,
                  const CopyNotes& notes, Reporter& reporter) {
  const auto& where = open.destination();
  Settlement settlement;
  const CopyTellers tell = {
      progress_of(reporter, where.name),
      [&](const CopyOutcome& outcome) {
        tell_result(context, {where.name, outcome, ""});
        if (outcome.kind == CopyOutcome::Kind::Gone) {
          settlement.any_gone = true;
          reporter.warning(outcome.snapshot + " was deleted before it was copied to " + where.name);
        }
      },
      [&](const std::string& snapshot, const std::exception& failure) {
        tell_result(context, {where.name, {snapshot}, failure.what()});
        reporter.warning("copy of " + snapshot + " to " + where.name + ": " + failure.what());
      }};
  settlement.failure = settle_copies(store, {open.objects(), where.prefix}, notes, tell);
  return settlement;
}

/// Owes the new one first: then it is not forgotten whatever comes.  False if one failed or is
/// gone.
bool copy_to(const CommandContext& context, const Destination& destination, SnapshotStore& store,
             Reporter& reporter, const std::string& name) {
  const CopyNotes notes(context.settings.store, destination);
  owe_copy(notes, name);
  const auto lock = lock_copies(notes, "create " + name);
  OpenDestination open(destination, context.stop);
  const auto settlement = settle(context, open, store, notes, reporter);
  return !settlement.any_gone && !settlement.failure;
}

Destination chosen(const CommandContext& context, const std::string& name) {
  return choose_destination(destinations_of(context.settings), name);
}

}  // namespace

std::vector<Destination> uploading_destinations(const Settings& settings) {
  auto destinations = destinations_of(settings);
  std::erase_if(destinations, [](const Destination& one) { return !one.upload; });
  return destinations;
}

std::map<std::string, std::string> owed_copies(const Settings& settings) {
  std::map<std::string, std::string> owed;
  for (const auto& destination : uploading_destinations(settings)) {
    for (const auto& note : owed_copies(settings.store, destination)) {
      owed[note.snapshot] = "its copy to " + destination.name + " is owed" +
                            (note.owed_since.empty() ? "" : " since " + note.owed_since);
    }
  }
  return owed;
}

void owe_copies(const Settings& settings, const std::vector<Destination>& destinations,
                const std::string& name) {
  for (const auto& destination : destinations) {
    try {
      owe_copy(CopyNotes(settings.store, destination), name);
    } catch (const std::exception&) {
      // The snapshot is made all the same; the copy itself fails of that, and says so.
    }
  }
}

bool copy_new_snapshot(const CommandContext& context, const std::vector<Destination>& destinations,
                       SnapshotStore& store, Reporter& reporter, const std::string& name) {
  bool good = true;
  for (const auto& destination : destinations) {
    reporter.phase("copying to " + destination.name);
    try {
      good = copy_to(context, destination, store, reporter, name) && good;
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      tell_result(context, {destination.name, {name}, error.what()});
      reporter.warning("copy to " + destination.name + ": " + error.what());
      good = false;
    }
  }
  return good;
}

std::string bring_from(const CommandContext& context, const std::string& destination,
                       SnapshotStore& store, Reporter& reporter, const std::string& name) {
  OpenDestination open(chosen(context, destination), context.stop);
  const auto& where = open.destination();
  const auto found = find_remote(open.objects(), where.prefix, name);
  if (is_here(store, found)) {
    reporter.phase("snapshot " + found.name + " is here already");
    return found.name;
  }
  store.sweep();  // what a fetch that was killed has left
  reporter.phase("fetching " + found.name + " from " + where.name);
  const auto component = found.name + " from " + where.name;
  fetch_snapshot(open.objects(), found, store, [&](std::uint64_t bytes) {
    reporter.progress({component, bytes, found.bytes, false});
  });
  reporter.progress({component, found.bytes, found.bytes, true});
  return found.name;
}

ExitCode run_copy(const CommandContext& context, const CopyWords& words) {
  if (words.name.empty() != words.pending) {
    throw UsageError("copy needs either a snapshot or --pending");
  }
  OutputOptions output = context.output;
  output.quiet = output.quiet || output.json;
  const auto reporter = make_reporter(output);
  const auto store = open_directory_store(context.settings.store);
  OpenDestination open(chosen(context, words.destination), context.stop);
  const auto& destination = open.destination();
  const CopyNotes notes(context.settings.store, destination);
  const auto lock =
      take_copy_turn(context, notes, words.pending ? "copy --pending" : "copy " + words.name);
  if (words.pending) {
    const auto settlement = settle(context, open, *store, notes, *reporter);
    if (settlement.failure) {
      std::rethrow_exception(settlement.failure);
    }
    return settlement.any_gone ? ExitCode::Degraded : ExitCode::Success;
  }
  const auto outcome = copy_snapshot(*store, words.name, {open.objects(), destination.prefix},
                                     notes, progress_of(*reporter, destination.name));
  tell_result(context, {destination.name, outcome, ""});
  return ExitCode::Success;
}

ExitCode run_list_remote(const CommandContext& context, const std::string& destination) {
  OpenDestination open(chosen(context, destination), context.stop);
  const auto snapshots = list_remote(open.objects(), open.destination().prefix);
  if (context.output.quiet && !context.output.json) {
    for (const auto& one : snapshots) {
      print(one.name + "\n");
    }
    return ExitCode::Success;
  }
  print(context.output.json ? remote_list_json(snapshots) : remote_list_text(snapshots));
  return ExitCode::Success;
}

ExitCode run_fetch(const CommandContext& context, const std::string& name,
                   const std::string& destination) {
  const auto reporter = make_reporter(context.output);
  const auto store = open_directory_store(context.settings.store);
  const auto lock = take_turn(context, *store, "fetch " + name);
  const auto found = bring_from(context, destination, *store, *reporter, name);
  if (!context.output.json) {
    print(found + "\n");
  }
  return ExitCode::Success;
}

}  // namespace controller
