#include <algorithm>

#include "controller/cli/commands.h"
#include "controller/cli/confirmation.h"
#include "controller/cli/restore_run.h"
#include "controller/cli/restore_views.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/restore/restore.h"
#include "controller/restore/rollback.h"

namespace controller {

namespace {

std::vector<RollbackPoint> points_of(Workplace& place) {
  auto setting = place.setting();
  return usable_points(setting, place.project());
}

RollbackPoint named_point(const std::vector<RollbackPoint>& points, const std::string& name) {
  const auto found = std::ranges::find(points, name, &RollbackPoint::job);
  if (found == points.end()) {
    throw NoSuchSnapshot("there is no rollback point " + name + "; see `cofferdam points`");
  }
  return *found;
}

RollbackPoint chosen_point(const std::vector<RollbackPoint>& points, const std::string& name) {
  if (!name.empty()) {
    return named_point(points, name);
  }
  const auto newest = newest_restore(points);
  if (!newest) {
    throw NoSuchSnapshot(
        "there is nothing to undo: no restore of this project keeps what it "
        "replaced");
  }
  return *newest;
}

void tell_of_earlier_runs(Workplace& place, Reporter& reporter) {
  for (const auto& action : place.replay().actions) {
    reporter.warning("an earlier run did not finish: " + action);
  }
}

}  // namespace

ExitCode run_points(const CommandContext& context) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  const auto points = points_of(place);
  print(context.output.json ? points_json(points) : points_text(points));
  return ExitCode::Success;
}

ExitCode run_undo(const CommandContext& context, const UndoWords& words) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  const auto lock = take_turn(context, place.store(), "undo");
  tell_of_earlier_runs(place, *reporter);
  const auto point = chosen_point(points_of(place), words.point);
  const auto plan = plan_undo(place.observation(), place.stack(), point, place.policy());
  for (const auto& warning : plan.warnings) {
    reporter->warning(warning);
  }
  if (words.dry_run) {
    print(context.output.json ? to_json(plan) + "\n"
                              : to_text(plan) + "plan " + plan_hash(plan) + "\n");
    return ExitCode::Success;
  }
  check_plan(words.plan, plan);
  if (!words.yes && words.plan.empty()) {
    complain(to_text(plan) + data_loss(plan, SystemClock().now()));
    confirm("Go back?", "--yes");
  }
  auto setting = place.setting();
  const auto result = [&] {
    try {
      return undo(setting, plan, restore_options(context.settings), context.stop);
    } catch (const std::exception&) {
      clear_up(place, *reporter);
      throw;
    }
  }();
  print(context.output.json ? summary_json(plan, result) : summary_text(plan, result));
  return ExitCode::Success;
}

ExitCode run_commit(const CommandContext& context, const CommitWords& words) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  const auto lock = take_turn(context, place.store(), "commit");
  tell_of_earlier_runs(place, *reporter);
  auto dropped = points_of(place);
  if (!words.points.empty()) {
    std::vector<RollbackPoint> named;
    for (const auto& name : words.points) {
      named.push_back(named_point(dropped, name));
    }
    dropped = std::move(named);
  }
  if (dropped.empty()) {
    print(std::string("no rollback points\n"));
    return ExitCode::Success;
  }
  if (!words.yes) {
    complain(points_text(dropped));
    confirm("Drop what was kept? There is no way back then.", "--yes");
  }
  auto setting = place.setting();
  for (const auto& point : dropped) {
    drop_point(setting, point);
    print("dropped " + point.job + "\n");
  }
  return ExitCode::Success;
}

}  // namespace controller
