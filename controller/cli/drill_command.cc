#include "controller/cli/check_views.h"
#include "controller/cli/commands.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/drill/drill.h"
#include "controller/drill/drill_site.h"

namespace controller {

namespace {

/// After a drill that did not come to its end: what could not be removed on the way out is removed
/// now, or by `serve` later.
void clear_up(Workplace& place, Reporter& reporter) {
  try {
    for (const auto& problem : place.replay().problems) {
      reporter.warning("not cleared up yet: " + problem);
    }
  } catch (const std::exception& error) {
    reporter.warning(std::string("not cleared up yet: ") + error.what());
  }
}

ExitCode clean(const CommandContext& context, Workplace& place, const DrillWords& words) {
  const auto lock = take_turn(context, place.store(), "drill --clean " + words.name);
  auto removed = remove_drill(place.engine(), {{"cofferdam.snapshot", words.name}});
  if (removed.empty()) {
    removed = remove_drill(place.engine(), {{"cofferdam.job", words.name}});
  }
  if (removed.empty()) {
    throw NoSuchSnapshot("nothing of a drill of \"" + words.name + "\" is left");
  }
  if (!context.output.quiet) {
    for (const auto& what : removed) {
      complain("removed " + what);
    }
  }
  return ExitCode::Success;
}

std::string kept_text(const DrillResult& result) {
  const auto& snapshot = result.report.snapshot;
  return "It is left up: docker ps --all --filter label=cofferdam.job=" + result.job +
         "\nRemove it with: cofferdam drill --clean " + snapshot;
}

ExitCode exit_code_of(const CheckReport& report) {
  if (report.passed) {
    return ExitCode::Success;
  }
  return data_differ(report) ? ExitCode::Integrity : ExitCode::Failed;
}

}  // namespace

ExitCode run_drill(const CommandContext& context, const DrillWords& words) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  if (words.clean) {
    return clean(context, place, words);
  }
  const auto manifest = place.store().manifest(words.name);
  const auto lock = take_turn(context, place.store(), "drill " + words.name);
  for (const auto& action : place.replay().actions) {
    reporter->warning("an earlier run did not finish: " + action);
  }
  auto setting = place.setting();
  const auto plan =
      plan_drill(place.stack(), place.policy(), manifest,
                 look_for_drill(setting.engine, place.stack(), manifest, setting.agent.image));
  for (const auto& note : plan.notes) {
    reporter->warning(note);
  }
  const auto result = [&] {
    try {
      return drill(setting, manifest, plan,
                   words.keep ? DrillAfterwards::Keep : DrillAfterwards::Remove, context.stop);
    } catch (const std::exception&) {
      clear_up(place, *reporter);
      throw;
    }
  }();
  const bool kept = words.keep && !result.job.empty();
  print(context.output.json
            ? drill_summary_json(result.report, kept ? drill_name(result.job) : "") + "\n"
            : drill_text(result.report));
  if (kept && !context.output.json) {
    complain(kept_text(result));
  }
  return exit_code_of(result.report);
}

}  // namespace controller
