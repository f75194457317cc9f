#include "controller/notify/notify_target.h"

#include <algorithm>
#include <array>

namespace controller {

namespace {

constexpr std::array<const char*, 10> kServices = {
    "webhook",  "ntfy",    "gotify",       "discord",    "slack",
    "telegram", "apprise", "healthchecks", "uptimekuma", "smtp"};

bool among(const std::vector<std::string>& words, const std::string& word) {
  return words.empty() || std::ranges::find(words, word) != words.end();
}

}  // namespace

std::string to_string(NotifyService service) {
  return kServices.at(static_cast<std::size_t>(service));
}

bool wants(const NotifyTarget& target, const NotifyEvent& event) {
  constexpr std::string_view kBySchedule = "schedule ";
  if (event.kind == NotifyKind::Test) {
    return true;
  }
  if (event.kind == NotifyKind::StorageLow) {
    return target.kinds.contains(event.kind);
  }
  const bool scheduled = event.started_by.starts_with(kBySchedule);
  return target.kinds.contains(event.kind) && among(target.jobs, event.job_kind) &&
         among(target.schedules, scheduled ? event.started_by.substr(kBySchedule.size()) : "");
}

std::string without_secrets(std::string text, const NotifyTarget& target) {
  for (const auto* secret :
       {&target.path, &target.user, &target.password, &target.token, &target.signing_key}) {
    const auto& hidden = secret->reveal();
    if (hidden.size() < 2) {
      continue;  // "/" hides nothing
    }
    for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at)) {
      text.replace(at, hidden.size(), "…");
    }
  }
  return text;
}

}  // namespace controller
