#include "controller/restore/health_gate.h"

#include <chrono>
#include <optional>

namespace controller {

namespace {

using dockerapi::ContainerState;
using std::chrono::milliseconds;

constexpr milliseconds kLong{1000};
constexpr milliseconds kPoll{200};

std::optional<StartFailure> problem_of(dockerapi::Engine& engine, const PlannedStop& stop) {
  if (stop.await_healthy || stop.action != PlannedStop::Action::Stop ||
      stop.state == ContainerState::Restarting) {
    return std::nullopt;
  }
  try {
    const auto now = engine.inspect(stop.container);
    if (now.state == ContainerState::Restarting || now.restart_count > 0) {
      return StartFailure{stop.name, stop.service, "started, and keeps restarting"};
    }
    if (!alive(now) && now.exit_code != 0) {
      return StartFailure{stop.name, stop.service,
                          "started, and exited with code " + std::to_string(now.exit_code)};
    }
  } catch (const dockerapi::NotFound&) {
    // Replaced by a newer one since, which bring_back() has found.
  }
  return std::nullopt;
}

}  // namespace

std::vector<StartFailure> not_staying_up(dockerapi::Engine& engine, Clock& clock,
                                         const std::vector<PlannedStop>& started) {
  std::vector<StartFailure> failures;
  const auto deadline = clock.steady() + kLong;
  while (failures.empty() && !started.empty()) {
    for (const auto& stop : started) {
      if (auto problem = problem_of(engine, stop)) {
        failures.push_back(std::move(*problem));
      }
    }
    if (clock.steady() >= deadline) {
      break;
    }
    if (failures.empty()) {
      clock.sleep(kPoll);
    }
  }
  return failures;
}

}  // namespace controller
