#include "controller/outage/outage.h"

#include <algorithm>
#include <exception>
#include <future>

namespace controller {

namespace {

using dockerapi::ContainerState;

/// The plan's stops by level, highest first: dependents go down before what they need.
std::map<std::size_t, std::vector<PlannedStop>, std::greater<>> by_level(
    const std::vector<PlannedStop>& stops) {
  std::map<std::size_t, std::vector<PlannedStop>, std::greater<>> levels;
  for (const auto& stop : stops) {
    levels[stop.level].push_back(stop);
  }
  return levels;
}

/// Runs all of them to their end, then rethrows the first failure.
void all_of(std::vector<std::future<void>> running) {
  std::exception_ptr first;
  for (auto& one : running) {
    try {
      one.get();
    } catch (...) {
      if (!first) {
        first = std::current_exception();
      }
    }
  }
  if (first) {
    std::rethrow_exception(first);
  }
}

}  // namespace

Outage::Outage(OutageContext context, OutageOptions options)
    : context_(std::move(context)), options_(std::move(options)) {}

// Delegating first makes *this a complete object, so that a throw in the body runs the
// destructor, which starts the containers that are already down.
Outage::Outage(OutageContext context, std::vector<PlannedStop> stops, OutageOptions options)
    : Outage(std::move(context), std::move(options)) {
  for (const auto& [level, members] : by_level(stops)) {
    std::vector<std::future<void>> running;
    for (Down* down : note_level(members)) {
      running.push_back(std::async(members.size() > 1 ? std::launch::async : std::launch::deferred,
                                   [this, down] { take_down(*down); }));
    }
    all_of(std::move(running));
  }
}

/// Writes the level's intents.  What is not alive any more is not ours to stop, nor to start.
std::vector<Outage::Down*> Outage::note_level(const std::vector<PlannedStop>& level) {
  std::vector<Down*> noted;
  for (const auto& planned : level) {
    const auto now = context_.engine.inspect(planned.container);
    if (!alive(now)) {
      continue;
    }
    auto down = std::make_unique<Down>();
    down->stop = planned;
    down->stop.state = now.state;
    down->stop.started_at = now.started_at;
    down->stop.restart_policy = now.restart_policy;
    Step step;
    step.kind = Step::Kind::Container;
    step.stop = down->stop;
    down->step = context_.journal.intend(context_.job, step);
    // Before the stop, not after: a stop that times out may still happen.
    down_.push_back(std::move(down));
    noted.push_back(down_.back().get());
  }
  return noted;
}

void Outage::take_down(Down& down) {
  const auto& stop = down.stop;
  down.since = context_.clock.steady();
  if (stop.action == PlannedStop::Action::Pause) {
    context_.engine.pause(stop.container);
    return;
  }
  if (options_.hold_restart_policies) {
    context_.engine.set_restart_policy(stop.container, {});
  }
  context_.engine.stop(stop.container, options_.grace);
}

Outage::~Outage() {
  if (down_.empty()) {
    return;
  }
  try {
    for (const auto& failure : end()) {
      options_.lost(failure);
    }
  } catch (const std::exception& error) {
    // What is still open in the journal is brought back by the next start.
    options_.lost({"", "", error.what()});
  }
}

std::vector<std::string> Outage::disturbances() {
  std::vector<std::string> found;
  for (const auto& down : down_) {
    const auto& stop = down->stop;
    try {
      const auto now = context_.engine.inspect(stop.container);
      const bool still_down = stop.action == PlannedStop::Action::Pause
                                  ? now.state == ContainerState::Paused
                                  : !alive(now);
      if (!still_down || now.started_at != stop.started_at) {
        found.push_back("container " + stop.name + " came up while it was meant to be down");
      }
    } catch (const dockerapi::NotFound&) {
      found.push_back("container " + stop.name + " was removed while it was meant to be down");
    }
  }
  return found;
}

void Outage::note_back(const PlannedStop& stop) {
  const std::scoped_lock lock(mutex_);
  for (auto& down : down_) {
    if (down->stop.container == stop.container) {
      down->back = true;
      const std::chrono::duration<double> elapsed = context_.clock.steady() - down->since;
      double& longest = downtime_[stop.service.empty() ? stop.name : stop.service];
      longest = std::max(longest, elapsed.count());
    }
  }
}

std::vector<StartFailure> Outage::end() {
  std::vector<PlannedStop> stops;
  for (const auto& down : down_) {
    stops.push_back(down->stop);
  }
  BringBackOptions options;
  options.engine_patience = options_.engine_patience;
  options.restore_restart_policy = options_.hold_restart_policies;
  options.back = [this](const PlannedStop& stop) { note_back(stop); };
  auto failures = bring_back(context_.engine, context_.clock, stops, options);
  for (const auto& down : down_) {
    if (down->back) {
      unsettled_.push_back(down->step);
    }
  }
  down_.clear();
  if (!options_.settle_later) {
    settle();
  }
  return failures;
}

void Outage::settle() {
  for (const auto step : unsettled_) {
    context_.journal.settle(step);
  }
  unsettled_.clear();
}

}  // namespace controller
