#include "controller/outage/bring_back.h"

#include <algorithm>
#include <future>
#include <map>
#include <mutex>
#include <optional>

#include "controller/outage/health_wait.h"

namespace controller {

namespace {

using dockerapi::Container;
using dockerapi::ContainerState;
using std::chrono::milliseconds;

constexpr milliseconds kPoll{200};
// Deaths after which nobody waits for the container's health any more.
constexpr int kCrashLoop = 3;

/// The container itself, or the one that Compose has made in its place since.
std::optional<Container> find(dockerapi::Engine& engine, const PlannedStop& stop) {
  try {
    return engine.inspect(stop.container);
  } catch (const dockerapi::NotFound&) {
    if (stop.service.empty()) {
      return std::nullopt;
    }
  }
  const auto found =
      engine.containers({{{"com.docker.compose.project", stop.project},
                          {"com.docker.compose.service", stop.service},
                          {"com.docker.compose.container-number", std::to_string(stop.number)}},
                         ""});
  for (const auto& container : found) {
    const auto one_off = container.labels.find("com.docker.compose.oneoff");
    if (one_off == container.labels.end() || one_off->second != "True") {
      return container;
    }
  }
  return std::nullopt;
}

void put_back(dockerapi::Engine& engine, const PlannedStop& stop, const Container& now,
              bool restore_policy) {
  if (stop.action == PlannedStop::Action::Pause) {
    if (now.state == ContainerState::Paused) {
      engine.unpause(now.id);
    }
  } else if (!alive(now)) {
    engine.start(now.id);
  }
  if (stop.action == PlannedStop::Action::Stop && stop.state == ContainerState::Paused &&
      now.state != ContainerState::Paused) {
    engine.pause(now.id);
  }
  if (restore_policy && now.restart_policy != stop.restart_policy) {
    engine.set_restart_policy(now.id, stop.restart_policy);
  }
}

/// Absent once it is healthy (or has no health check).
std::optional<std::string> await_health(dockerapi::Engine& engine, Clock& clock,
                                        const dockerapi::ContainerId& id) {
  Container now = engine.inspect(id);
  const auto deadline = clock.steady() + health_patience(now);
  while (now.health == dockerapi::Health::Starting) {
    if (clock.steady() >= deadline) {
      return "started, but its health check has not passed in time";
    }
    if (!alive(now)) {
      return "exited with code " + std::to_string(now.exit_code) + " before it was healthy";
    }
    if (now.restart_count >= kCrashLoop) {
      return "started, and keeps restarting; its last exit code was " +
             std::to_string(now.exit_code);
    }
    clock.sleep(kPoll);
    now = engine.inspect(id);
  }
  if (now.health == dockerapi::Health::Unhealthy) {
    return "started, but is unhealthy";
  }
  return std::nullopt;
}

std::optional<std::string> bring_back_once(dockerapi::Engine& engine, Clock& clock,
                                           const PlannedStop& stop,
                                           const BringBackOptions& options) {
  const auto now = find(engine, stop);
  if (!now) {
    return "it was removed meanwhile, and nothing took its place";
  }
  put_back(engine, stop, *now, options.restore_restart_policy);
  options.back(stop);
  if (stop.await_healthy && stop.state != ContainerState::Paused) {
    return await_health(engine, clock, now->id);
  }
  return std::nullopt;
}

/// Goes on while the engine does not answer: it may be restarting.
std::optional<StartFailure> bring_back_one(dockerapi::Engine& engine, Clock& clock,
                                           const PlannedStop& stop,
                                           const BringBackOptions& options) {
  const auto deadline = clock.steady() + options.engine_patience;
  std::string problem;
  while (true) {
    try {
      const auto text = bring_back_once(engine, clock, stop, options);
      return text ? std::optional(StartFailure{stop.name, stop.service, *text}) : std::nullopt;
    } catch (const dockerapi::Unreachable& error) {
      problem = error.what();
    } catch (const dockerapi::Error& error) {
      return StartFailure{stop.name, stop.service, error.what()};
    }
    if (clock.steady() >= deadline) {
      return StartFailure{stop.name, stop.service, problem};
    }
    clock.sleep(kPoll);
  }
}

}  // namespace

std::vector<StartFailure> bring_back(dockerapi::Engine& engine, Clock& clock,
                                     const std::vector<PlannedStop>& stops,
                                     const BringBackOptions& options) {
  std::map<std::size_t, std::vector<PlannedStop>> levels;
  for (const auto& stop : stops) {
    levels[stop.level].push_back(stop);
  }
  std::vector<StartFailure> failures;
  for (const auto& [level, members] : levels) {
    std::vector<std::future<std::optional<StartFailure>>> running;
    for (const auto& stop : members) {
      running.push_back(std::async(members.size() > 1 ? std::launch::async : std::launch::deferred,
                                   [&engine, &clock, &stop, &options] {
                                     return bring_back_one(engine, clock, stop, options);
                                   }));
    }
    for (auto& one : running) {
      if (auto failure = one.get()) {
        failures.push_back(std::move(*failure));
      }
    }
  }
  return failures;
}

}  // namespace controller
