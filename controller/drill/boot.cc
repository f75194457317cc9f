#include "controller/drill/boot.h"

#include <algorithm>

#include "controller/archive/volume_archive.h"
#include "controller/outage/health_wait.h"

namespace controller {

namespace {

using compose::Condition;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Outcome = CheckedItem::Outcome;

constexpr milliseconds kPoll{200};
constexpr seconds kSettled{3};
constexpr seconds kLongestJob{900};  // of a service that is to end by itself

std::string end_of(const dockerapi::Container& container) {
  if (container.oom_killed) {
    return "was killed for want of memory";
  }
  return "exited with code " + std::to_string(container.exit_code) +
         (container.state_error.empty() ? "" : ": " + container.state_error);
}

}  // namespace

Boot::Boot(Setting& setting, DrillSite& site, const DrillPlan& plan, std::stop_token stop)
    : setting_(setting), site_(site), plan_(plan), stop_(std::move(stop)) {}

std::set<std::string> Boot::with_needs(std::set<std::string> services) const {
  // Later levels first: what they need lies in earlier ones.
  for (auto level = plan_.levels.rbegin(); level != plan_.levels.rend(); ++level) {
    for (const auto& service : *level) {
      if (services.contains(service.name)) {
        for (const auto& need : service.needs) {
          services.insert(need.service);
        }
      }
    }
  }
  return services;
}

bool Boot::bring_up(const std::set<std::string>& services) {
  const auto all = with_needs(services);
  for (const auto& level : plan_.levels) {
    for (const auto& service : level) {
      if (!all.contains(service.name) || started_.contains(service.name)) {
        continue;
      }
      if (!await_needs(service)) {
        return false;
      }
      start(service);
    }
  }
  const auto is_up = [&](const std::string& name) {
    const auto state = started_.at(name).state;
    return state == State::Up || state == State::Ended;
  };
  bool well = look();
  while (well && !std::ranges::all_of(services, is_up)) {
    well = wait();
  }
  return well;
}

bool Boot::await_needs(const DrillService& service) {
  bool well = look();
  while (well &&
         !std::ranges::all_of(service.needs, [&](const auto& need) { return meets(need); })) {
    well = wait();
  }
  return well;
}

bool Boot::meets(const DrillNeed& need) const {
  const auto& started = started_.at(need.service);
  switch (need.condition) {
    case Condition::CompletedSuccessfully:
      return started.state == State::Ended;
    case Condition::Healthy:
      return started.state == State::Up;
    case Condition::RunningOrHealthy:
      return !started.checked || started.state == State::Up;
    case Condition::Started:
      break;
  }
  return true;
}

void Boot::start(const DrillService& service) {
  setting_.reporter.phase("starting " + service.name);
  auto& started = started_[service.name];
  started.service = &service;
  started.at = setting_.clock.steady();
  try {
    site_.create(service);
    setting_.engine.start(site_.container(service.name));
  } catch (const dockerapi::Unreachable&) {
    throw;
  } catch (const dockerapi::Error& error) {
    settle(started, State::Failed, error.what());
  }
}

bool Boot::wait() {
  setting_.clock.sleep(kPoll);
  return look();
}

bool Boot::look() {
  if (stop_.stop_requested()) {
    throw Interrupted("cancelled");
  }
  bool well = true;
  for (auto& [name, started] : started_) {
    look_at(started);
    well = well && started.state != State::Failed;
  }
  return well;
}

void Boot::look_at(Started& started) {
  if (started.state == State::Failed || started.state == State::Ended) {
    return;
  }
  const auto now = setting_.engine.inspect(site_.container(started.service->name));
  if (dockerapi::alive(now)) {
    judge_running(started, now);
  } else if (started.service->one_shot && now.exit_code == 0 && !now.oom_killed) {
    settle(started, State::Ended, "ended with exit code 0");
  } else {
    settle(started, State::Failed, end_of(now));
  }
}

void Boot::judge_running(Started& started, const dockerapi::Container& now) {
  const auto age = setting_.clock.steady() - started.at;
  started.checked = now.health_check.has_value();
  if (started.service->one_shot) {
    if (age > kLongestJob) {
      settle(started, State::Failed, "has not ended within 15 minutes");
    }
  } else if (!started.checked) {
    if (age >= kSettled && started.state != State::Up) {
      settle(started, State::Up, "runs; it has no health check");
    }
  } else if (now.health == dockerapi::Health::Unhealthy) {
    settle(started, State::Failed, "is unhealthy");
  } else if (now.health == dockerapi::Health::Healthy) {
    if (started.state != State::Up) {
      settle(started, State::Up, "is healthy");
    }
  } else if (age > health_patience(now)) {
    settle(started, State::Failed, "has not become healthy in time");
  }
}

void Boot::settle(Started& started, State state, const std::string& text) {
  started.state = state;
  started.text = text;
  started.seconds = std::chrono::duration<double>(setting_.clock.steady() - started.at).count();
}

void Boot::fail(const std::string& service, const std::string& problem) {
  settle(started_.at(service), State::Failed, problem);
}

CheckedItem Boot::item_of(const DrillService& service) const {
  CheckedItem item{"service", service.name, Outcome::Skipped, "was not started", 0};
  if (const auto found = started_.find(service.name); found != started_.end()) {
    const auto& started = found->second;
    const bool up = started.state == State::Up || started.state == State::Ended;
    item.outcome = up                               ? Outcome::Passed
                   : started.state == State::Failed ? Outcome::Failed
                                                    : Outcome::Skipped;
    item.text = started.text.empty() ? "was still starting" : started.text;
    item.seconds = started.seconds;
  }
  for (const auto& note : service.notes) {
    item.text += "; " + note;
  }
  return item;
}

std::vector<CheckedItem> Boot::items() const {
  std::vector<CheckedItem> items;
  for (const auto& level : plan_.levels) {
    for (const auto& service : level) {
      items.push_back(item_of(service));
    }
  }
  return items;
}

}  // namespace controller
