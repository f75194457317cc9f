#include <algorithm>

#include "controller/cli/commands.h"
#include "controller/cli/job_notices.h"
#include "controller/cli/notify_views.h"
#include "controller/clock.h"
#include "controller/notify/curl_courier.h"

namespace controller {

namespace {

TargetStanding standing_of(const std::vector<TargetStanding>& standings, const std::string& name) {
  const auto found = std::ranges::find(standings, name, &TargetStanding::target);
  return found == standings.end() ? TargetStanding{name, 0, 0, 0, 0, "", ""} : *found;
}

/// All of them if no name is given.
std::vector<NotifyTarget> chosen(const NotifySettings& settings, const std::string& name) {
  if (settings.targets.empty()) {
    throw SettingError("there is nobody to tell; docs/notifications.md says how to set it up");
  }
  std::vector<NotifyTarget> targets;
  std::string known;
  for (const auto& target : settings.targets) {
    known += (known.empty() ? "" : ", ") + target.name;
    if (name.empty() || target.name == name) {
      targets.push_back(target);
    }
  }
  if (targets.empty()) {
    throw UsageError("there is no notification \"" + name + "\"; there are " + known);
  }
  return targets;
}

}  // namespace

ExitCode run_notify_test(const CommandContext& context, const std::string& name) {
  const auto settings = notify_settings_of(context.settings);
  const auto targets = chosen(settings, name);
  const auto courier = make_curl_courier(settings.allowed_hosts);
  const auto now = now_in_seconds();
  NotifyEvent event;
  event.project = context.settings.project;
  event.host = host_name();
  event.at = rfc3339(now);
  auto code = ExitCode::Success;
  for (const auto& target : targets) {
    try {
      courier->deliver(target, event, {"test-" + event.at, now}, context.stop);
      print(target.name + ": told\n");
    } catch (const NotDelivered& error) {
      complain(target.name + ": " + error.what());
      code = ExitCode::DestinationUnreachable;
    }
  }
  return code;
}

ExitCode run_notify_ls(const CommandContext& context) {
  const auto settings = notify_settings_of(context.settings);
  const auto outbox = settings.targets.empty() ? nullptr : open_outbox(context.settings);
  const auto standings = outbox ? outbox->standings() : std::vector<TargetStanding>();
  std::vector<NotifyRow> rows;
  for (const auto& target : settings.targets) {
    rows.push_back({target, standing_of(standings, target.name)});
  }
  print(context.output.json ? notify_json(rows) : notify_table(rows));
  return ExitCode::Success;
}

}  // namespace controller
