#include "controller/cli/commands.h"
#include "controller/cli/confirmation.h"
#include "controller/cli/workplace.h"
#include "controller/restore/restore.h"

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

std::string summary(const RestorePlan& plan, const RestoreResult& result) {
  double longest = 0;
  for (const auto& [name, seconds] : result.downtime) {
    longest = std::max(longest, seconds);
  }
  std::string text = "restored " + plan.snapshot + ": " + std::to_string(plan.volumes.size()) +
                     " volume(s), " + std::to_string(plan.databases.size()) + " database(s)";
  if (!result.downtime.empty()) {
    text += "; longest downtime " + std::to_string(longest).substr(0, 5) + " s";
  }
  return text + "\n";
}

/// After a failed restore: what could not be undone on the way out is undone now, or by `serve`
/// later.
void clear_up(Workplace& place, Reporter& reporter) {
  try {
    const auto report = place.replay();
    for (const auto& action : report.actions) {
      reporter.warning(action);
    }
    for (const auto& problem : report.problems) {
      reporter.warning("not cleared up yet: " + problem);
    }
  } catch (const std::exception& error) {
    reporter.warning(std::string("not cleared up yet: ") + error.what());
  }
}

}  // namespace

ExitCode run_restore(const CommandContext& context, const RestoreWords& words) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  const auto manifest = place.store().manifest(words.name);
  const RestoreRequest request{words.services, read_maps(words.maps), words.stop_running};

  const auto lock = place.store().lock("restore " + words.name);
  for (const auto& action : place.replay().actions) {
    reporter->warning("an earlier run did not finish: " + action);
  }
  auto plan = plan_restore(place.observation(), place.stack(), manifest, request);
  for (const auto& warning : plan.warnings) {
    reporter->warning(warning);
  }
  if (!words.yes) {
    complain(to_text(plan));
    confirm("Replace the live data with that of " + words.name + "?", "--yes");
  }
  auto setting = place.setting();
  RestoreOptions options;
  options.stop_timeout = context.settings.stop_timeout;
  const auto result = [&] {
    try {
      return restore(setting, manifest, plan, options, context.stop);
    } catch (const std::exception&) {
      clear_up(place, *reporter);
      throw;
    }
  }();
  for (const auto& failure : result.not_back) {
    reporter->warning("container " + failure.container + " did not come back: " + failure.text);
  }
  print(summary(plan, result));
  return result.not_back.empty() ? ExitCode::Success : ExitCode::Degraded;
}

}  // namespace controller
