#include "controller/archive/volume_archive.h"
#include "controller/cli/commands.h"
#include "controller/cli/confirmation.h"
#include "controller/cli/copies.h"
#include "controller/cli/snapshot_views.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/clock.h"
#include "controller/database/database_driver.h"

namespace controller {

namespace {

/// Keeps the result beside the snapshot; a store that only lets itself be read keeps none.
void record(SnapshotStore& store, const VerifiedSnapshot& verified, CheckReport report,
            Reporter& reporter) {
  report.snapshot = verified.name;
  report.kind = "verify";
  report.level = CheckLevel::Readable;
  report.cofferdam_version = COFFERDAM_VERSION;
  report.passed = verified.findings.empty();
  report.reason = report.passed ? "" : "stored files are not what they were";
  for (const auto& finding : verified.findings) {
    report.items.push_back({"file", finding.path, CheckedItem::Outcome::Differs, finding.text, 0});
  }
  try {
    store.add_report(report);
  } catch (const std::exception& error) {
    reporter.warning("the result for " + verified.name + " is not recorded: " + error.what());
  }
}

VerifiedSnapshot check_one(SnapshotStore& store, const std::string& name, Reporter& reporter) {
  VerifiedSnapshot verified{name, {}, 0};
  try {
    const auto manifest = store.manifest(name);
    verified.bytes = stored_bytes(manifest);
    verified.findings =
        verify_snapshot(store.directory(name), manifest, read_dump, [&](std::uint64_t bytes) {
          reporter.progress({"snapshot " + name, bytes, verified.bytes, false});
        });
    reporter.progress({"snapshot " + name, verified.bytes, verified.bytes, true});
  } catch (const FormatError& error) {
    verified.findings.push_back({"manifest.json", error.what()});
  }
  return verified;
}

VerifiedSnapshot verify_one(SnapshotStore& store, const std::string& name, Reporter& reporter) {
  const SystemClock clock;
  CheckReport report;
  report.at = rfc3339(clock.now());
  const auto start = clock.steady();
  auto verified = check_one(store, name, reporter);
  report.seconds["total"] = std::chrono::duration<double>(clock.steady() - start).count();
  record(store, verified, std::move(report), reporter);
  return verified;
}

/// Settings that cannot be read are no reason to keep a snapshot.
void warn_of_owed_copy(const CommandContext& context, const std::string& name) {
  try {
    const auto owed = owed_copies(context.settings);
    if (const auto found = owed.find(name); found != owed.end()) {
      complain(context.output, "warning: " + name + ": " + found->second);
    }
  } catch (const SettingError& error) {
    complain(context.output,
             std::string("warning: whether a copy is owed is not known: ") + error.what());
  }
}

}  // namespace

ExitCode run_list(const CommandContext& context) {
  const auto entries = open_directory_store(context.settings.store)->list();
  if (context.output.quiet && !context.output.json) {
    for (const auto& entry : entries) {
      print(entry.name + "\n");
    }
    return ExitCode::Success;
  }
  print(context.output.json ? list_json(entries) + "\n" : list_text(entries));
  return ExitCode::Success;
}

ExitCode run_show(const CommandContext& context, const std::string& name) {
  const auto store = open_directory_store(context.settings.store);
  const auto manifest = store->manifest(name);
  const auto checks = store->reports(name);
  const bool pinned = store->pinned(name);
  print(context.output.json ? show_json(manifest, checks, pinned)
                            : show_text(manifest, checks, pinned));
  return ExitCode::Success;
}

ExitCode run_verify(const CommandContext& context, const std::vector<std::string>& names) {
  OutputOptions output = context.output;
  output.quiet = output.quiet || output.json;  // one document on stdout
  const auto reporter = make_reporter(output);
  const auto store = open_directory_store(context.settings.store);
  accept_job(context);
  std::vector<std::string> chosen = names;
  if (chosen.empty()) {
    for (const auto& entry : store->list()) {
      chosen.push_back(entry.name);
    }
  }
  std::vector<VerifiedSnapshot> results;
  bool sound = true;
  for (const auto& name : chosen) {
    if (context.stop.stop_requested()) {
      throw Interrupted("cancelled");
    }
    results.push_back(verify_one(*store, name, *reporter));
    sound = sound && results.back().findings.empty();
    if (!context.output.json) {
      print(verify_text(results.back()));
    }
  }
  if (context.output.json) {
    print(verify_json(results) + "\n");
  }
  return sound ? ExitCode::Success : ExitCode::Integrity;
}

ExitCode run_delete(const CommandContext& context, const std::string& name, bool yes) {
  const auto store = open_directory_store(context.settings.store);
  if (store->pinned(name)) {  // throws if there is none
    throw Refusal("snapshot " + name + " is pinned; `cofferdam unpin " + name + "` first");
  }
  warn_of_owed_copy(context, name);
  if (!yes) {
    confirm("Delete snapshot " + name + " for ever?", "--yes");
  }
  const auto lock = take_turn(context, *store, "delete " + name);
  store->remove(name);
  if (!context.output.quiet) {
    complain("deleted " + name);
  }
  return ExitCode::Success;
}

}  // namespace controller
