#include "controller/cli/notify_keeper.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "controller/archive/volume_archive.h"
#include "controller/cli/job_notices.h"
#include "controller/clock.h"
#include "controller/notify/curl_courier.h"
#include "controller/notify/postman.h"
#include "controller/units.h"

namespace controller {

namespace {

// How soon after a command has put a letter it is on its way.
constexpr std::chrono::seconds kInterval{2};
constexpr std::chrono::hours kRecent{24};
constexpr int kJobsLookedAt = 20;
constexpr std::chrono::minutes kRoomInterval{1};
constexpr const char* kRoomKey = "storage low";

void wait(const std::stop_token& stop, std::chrono::seconds duration) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
}

/// As of this moment and host.
NotifyEvent dated(NotifyEvent event) {
  event.host = host_name();
  event.at = rfc3339(now_in_seconds());
  return event;
}

bool died_recently(const Job& job) {
  const auto started = time_from_rfc3339(job.started_at);
  return job.state == JobState::Interrupted && started && now_in_seconds() - *started < kRecent;
}

}  // namespace

template <typename Work>
void NotifyKeeper::attempt(Work work) {
  try {
    work();
    told_.clear();
  } catch (const std::exception& error) {
    if (told_ != error.what()) {
      reporter_.warning(std::string("people cannot be told now: ") + error.what());
    }
    told_ = error.what();
  }
}

NotifyKeeper::NotifyKeeper(const Settings& settings, NotifySettings whom, SharedBook& book,
                           Reporter& reporter)
    : settings_(settings), book_(book), whom_(std::move(whom)), reporter_(reporter) {}

void NotifyKeeper::use(NotifySettings whom) {
  thread_ = {};  // which uses both
  const std::scoped_lock lock(mutex_);
  outbox_.reset();
  whom_ = std::move(whom);
  look_at_room_again_ = {};  // some of them may not have been told yet
}

void NotifyKeeper::open() {
  auto outbox = std::make_unique<Outbox>(outbox_file(settings_));
  for (const auto& target : whom_.targets) {
    try {
      outbox->attend(target.name);
    } catch (const OutboxError&) {
      // Another sidecar delivers to it as well; a letter goes to one of us.
    }
  }
  const std::scoped_lock lock(mutex_);
  outbox_ = std::move(outbox);
  thread_ = std::jthread([this](const std::stop_token& stop) { deliver(stop); });
}

void NotifyKeeper::look() {
  if (whom_.targets.empty()) {
    return;
  }
  attempt([this] {
    if (!outbox_) {
      open();
    }
    look_at_jobs();
    look_at_room();
  });
}

void NotifyKeeper::deliver(const std::stop_token& stop) {
  const auto courier = make_curl_courier(whom_.allowed_hosts);
  const SystemClock clock;
  Postman postman(*outbox_, *courier, clock,
                  [this](const std::string& text) { reporter_.warning(text); });
  std::string told;
  while (!stop.stop_requested()) {
    try {
      postman.go_round(whom_.targets, stop);
      told.clear();
    } catch (const Interrupted&) {
      return;
    } catch (const OutboxError& error) {
      if (told != error.what()) {
        reporter_.warning(error.what());
      }
      told = error.what();
    }
    wait(stop, kInterval);
  }
}

void NotifyKeeper::put_once(const std::string& key, const NotifyEvent& event) {
  put_for_all_once(*outbox_, key, whom_.targets, dated(event), now_in_seconds());
}

void NotifyKeeper::look_at_jobs() {
  for (const auto& job : book_.get().jobs(kJobsLookedAt)) {
    if (died_recently(job)) {
      NotifyEvent event;
      event.kind = NotifyKind::Failed;
      event.job_kind = job.kind;
      event.job = job.id;
      event.started_by = job.started_by;
      event.project = settings_.project;
      event.message =
          "its process ended without a word; `cofferdam logs " + job.id + "` shows how far it came";
      put_once("interrupted " + job.id, event);
    }
  }
}

void NotifyKeeper::look_at_room() {
  if (std::chrono::steady_clock::now() < look_at_room_again_) {
    return;
  }
  look_at_room_again_ = std::chrono::steady_clock::now() + kRoomInterval;
  std::error_code problem;
  const auto space = std::filesystem::space(settings_.store, problem);
  if (problem) {
    return;  // a store that is not there is told of otherwise
  }
  const auto room = room_of(settings_.storage_low, space.available, space.capacity);
  if (room == Room::Enough) {
    outbox_->forget(kRoomKey);
  } else if (room == Room::Low) {
    NotifyEvent event;
    event.kind = NotifyKind::StorageLow;
    event.project = settings_.project;
    event.message = human_bytes(space.available) + " of " + human_bytes(space.capacity) +
                    " are free where snapshots are kept, in " + settings_.store.string();
    put_for_each_once(*outbox_, kRoomKey, whom_.targets, dated(event), now_in_seconds());
  }
}

void NotifyKeeper::tell_overdue(const std::string& project, const std::string& schedule,
                                const std::string& since) {
  NotifyEvent event;
  event.kind = NotifyKind::Overdue;
  event.job_kind = "create";
  event.started_by = "schedule " + schedule;
  event.project = project;
  event.message = "no snapshot since " + since;
  if (outbox_) {
    attempt([&] { put_once("overdue " + project + "/" + schedule + " " + since, event); });
  }
}

std::vector<TargetStanding> NotifyKeeper::standings() {
  const std::scoped_lock lock(mutex_);
  auto standings = outbox_ ? outbox_->standings() : std::vector<TargetStanding>();
  for (const auto& target : whom_.targets) {
    if (std::ranges::find(standings, target.name, &TargetStanding::target) == standings.end()) {
      standings.push_back({target.name, 0, 0, 0, 0, "", ""});
    }
  }
  return standings;
}

}  // namespace controller
