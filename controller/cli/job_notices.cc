#include "controller/cli/job_notices.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>

#include "controller/cli/output.h"
#include "controller/clock.h"
#include "controller/notify/curl_courier.h"
#include "controller/notify/postman.h"

namespace controller {

std::filesystem::path outbox_file(const Settings& settings) {
  return settings.state.parent_path() / "notify.db";
}

std::unique_ptr<Outbox> open_outbox(const Settings& settings) {
  const auto file = outbox_file(settings);
  std::error_code ignored;
  return std::filesystem::exists(file.parent_path().parent_path(), ignored)
             ? std::make_unique<Outbox>(file)
             : nullptr;
}

std::string host_name() {
  constexpr std::size_t kLongest = 256;
  std::array<char, kLongest> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

NotifyKind notify_kind_after(ExitCode code, const std::string& started_by) {
  const bool scheduled = started_by.starts_with("schedule");
  switch (code) {
    case ExitCode::Success:
      return NotifyKind::Success;
    case ExitCode::Degraded:
      return NotifyKind::Degraded;
    case ExitCode::Cancelled:
    case ExitCode::Usage:
    case ExitCode::NotFound:
      return NotifyKind::Cancelled;
    case ExitCode::Locked:
    case ExitCode::EngineUnreachable:
      return scheduled ? NotifyKind::Cancelled : NotifyKind::Failed;
    default:
      return NotifyKind::Failed;
  }
}

namespace {

bool wants_recovery(const NotifyTarget& target) {
  return target.kinds.contains(NotifyKind::Recovered);
}

}  // namespace

bool follows_a_failure(const std::string& kind, const std::string& started_by,
                       const std::vector<Job>& earlier) {
  const auto schedule = [](const std::string& who) {
    return who.starts_with("schedule ") ? who : std::string();
  };
  for (const auto& job : earlier) {
    if (job.kind != kind || schedule(job.started_by) != schedule(started_by)) {
      continue;
    }
    if (job.state == JobState::Success) {
      return false;
    }
    if (job.state == JobState::Interrupted ||
        (job.state == JobState::Failed &&
         notify_kind_after(static_cast<ExitCode>(job.exit_code), job.started_by) ==
             NotifyKind::Failed)) {
      return true;
    }
  }
  return false;
}

template <typename Work>
void JobNotices::attempt(Work work) {
  try {
    work();
  } catch (const std::exception& error) {
    // The outbox stays open: what could not be put at the beginning may be at the end.
    if (!complained_) {
      complained_ = true;
      complain(std::string("cofferdam: not everybody is told of this job: ") + error.what());
    }
  }
}

JobNotices::JobNotices(const Settings& settings, const std::string& kind, const std::string& job,
                       const std::string& started_by) {
  event_.job_kind = kind;
  event_.job = job;
  event_.started_by = started_by;
  event_.project = settings.project;
  event_.host = host_name();
  attempt([&] {
    settings_ = notify_settings_of(settings);
    if (!settings_.targets.empty()) {
      outbox_ = open_outbox(settings);
    }
  });
}

void JobNotices::put(NotifyKind kind, const std::vector<NotifyTarget>& targets) {
  const auto now = now_in_seconds();
  event_.kind = kind;
  event_.at = rfc3339(now);
  put_for_all(*outbox_, targets, event_, now);
}

/// Those who want to be told of a recovery are told of it, all others of a success like any other.
void JobNotices::put_success(const std::vector<Job>& earlier) {
  std::vector<Job> others;
  std::ranges::copy_if(earlier, std::back_inserter(others),
                       [this](const Job& job) { return job.id != event_.job; });
  auto recovered = settings_.targets;
  if (follows_a_failure(event_.job_kind, event_.started_by, others)) {
    std::erase_if(recovered, [](const auto& target) { return !wants_recovery(target); });
  } else {
    recovered.clear();
  }
  auto plain = settings_.targets;
  if (!recovered.empty()) {
    std::erase_if(plain, wants_recovery);
  }
  put(NotifyKind::Recovered, recovered);
  put(NotifyKind::Success, plain);
}

void JobNotices::begin() {
  if (outbox_) {
    attempt([&] { put(NotifyKind::Started, settings_.targets); });
  }
}

void JobNotices::deliver_unattended() {
  std::vector<NotifyTarget> targets;
  for (const auto& target : settings_.targets) {
    if (!outbox_->attended(target.name)) {
      targets.push_back(target);
    }
  }
  const auto courier = make_curl_courier(settings_.allowed_hosts);
  const SystemClock clock;
  Postman postman(*outbox_, *courier, clock,
                  [](const std::string& text) { complain("cofferdam: " + text); });
  // Not the command's own token: of a job that was cancelled people are told, too.
  postman.go_round(targets, {});
}

void JobNotices::end(ExitCode code, const std::string& error, const JobFacts& facts,
                     const std::vector<Job>& earlier) {
  if (!outbox_) {
    return;
  }
  event_.message = error.empty() ? facts.remark : error;
  event_.project = facts.project.empty() ? event_.project : facts.project;
  event_.snapshot = facts.snapshot;
  event_.bytes = facts.bytes;
  event_.downtime_seconds = facts.downtime_seconds;
  event_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  attempt([&] {
    if (const auto kind = notify_kind_after(code, event_.started_by); kind != NotifyKind::Success) {
      put(kind, settings_.targets);
    } else {
      put_success(earlier);
    }
    deliver_unattended();
  });
}

}  // namespace controller
