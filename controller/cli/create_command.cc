#include "controller/capture/capture.h"
#include "controller/cli/commands.h"
#include "controller/cli/copies.h"
#include "controller/cli/job_remarks.h"
#include "controller/cli/snapshot_views.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/schedule/schedule_book.h"

namespace controller {

namespace {

void tell(Reporter& reporter, const ReplayReport& report) {
  for (const auto& action : report.actions) {
    reporter.warning("an earlier run did not finish: " + action);
  }
  for (const auto& problem : report.problems) {
    reporter.warning("an earlier run did not finish, and cannot be cleared up now: " + problem);
  }
}

/// The snapshot is there, whatever becomes of this.
void note_for_schedule(const Settings& settings, const std::string& project,
                       const std::string& schedule, std::chrono::sys_seconds began,
                       Reporter& reporter) {
  try {
    ScheduleBook(settings.state).note_success(project, schedule, began);
  } catch (const JournalError& error) {
    reporter.warning("schedule " + schedule + " does not know of this snapshot: " + error.what());
  }
}

bool captures_nothing(const CapturePlan& plan) {
  return plan.volumes.empty() && plan.databases.empty();
}

}  // namespace

ExitCode run_plan(const CommandContext& context, const std::vector<std::string>& services) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  const auto plan = place.plan(services);
  print(context.output.json ? to_json(plan) + "\n" : to_text(plan));
  return ExitCode::Success;
}

ExitCode run_create(const CommandContext& context, const CreateWords& words) {
  if (!words.name.empty() && !valid_snapshot_name(words.name)) {
    throw UsageError("\"" + words.name +
                     "\" is no snapshot name: use up to 128 letters, digits, '.', '-' and '_', not "
                     "starting with '.' or '-'");
  }
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  CaptureRequest request;
  const auto began = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  request.name = words.name.empty() ? snapshot_name_of(began) : words.name;
  request.compression = context.settings.compression;
  request.dump_format = context.settings.dump_format;
  request.stop_timeout = context.settings.stop_timeout;

  context.facts->snapshot = request.name;
  const auto destinations = uploading_destinations(context.settings);
  auto lock = take_turn(context, place.store(), "create " + request.name);
  tell(*reporter, place.replay());
  const auto plan = place.plan(words.services);
  context.facts->project = plan.project;
  for (const auto& warning : plan.warnings) {
    reporter->warning(warning);
  }
  if (captures_nothing(plan)) {
    throw Refusal("nothing of project " + plan.project +
                  " is flagged, so the snapshot would hold nothing. Label a volume or service "
                  "cofferdam.backup=true; `cofferdam plan` shows what there is");
  }
  auto setting = place.setting();
  const auto manifest = capture(setting, place.stack(), plan, request, context.stop);
  context.facts->bytes = stored_bytes(manifest);
  context.facts->downtime_seconds = manifest.outage_seconds;
  for (const auto& reason : manifest.reasons) {
    add_remark(*context.facts, reason);
  }
  print(context.output.json ? create_summary_json(manifest) + "\n" : create_summary_text(manifest));
  owe_copies(context.settings, destinations, request.name);
  if (!words.schedule.empty()) {
    note_for_schedule(context.settings, plan.project, words.schedule, began, *reporter);
  }
  // Copies take long and need nothing but the snapshot: others may work in the store meanwhile.
  lock.reset();
  JobRemarks remarks(*reporter, *context.facts);
  const bool copied =
      copy_new_snapshot(context, destinations, place.store(), remarks, request.name);
  return copied && manifest.status == Status::Success ? ExitCode::Success : ExitCode::Degraded;
}

}  // namespace controller
