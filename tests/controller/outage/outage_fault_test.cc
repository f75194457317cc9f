// Whatever call of the engine fails, before or after its effect: afterwards nothing is down, or the
// journal still says what is.

#include <gtest/gtest.h>

#include "controller/outage/outage.h"
#include "tests/fakes/fake_engine.h"
#include "tests/fakes/faulty_engine.h"
#include "tests/fakes/step_clock.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using dockerapi::ContainerState;

constexpr int kContainers = 3;

/// One outage over three containers with the n-th call failing; returns true if the fault was
/// reached.
bool run_once(int n, fakes::When when) {
  const TemporaryFolder folder;
  fakes::FakeEngine real;
  fakes::FaultyEngine engine(real);
  fakes::StepClock clock;
  Journal journal(folder.path() / "state.db");
  std::vector<PlannedStop> stops;
  for (int i = 0; i < kContainers; ++i) {
    dockerapi::Container container;
    container.name = "c" + std::to_string(i);
    container.state = i == 1 ? ContainerState::Paused : ContainerState::Running;
    PlannedStop stop;
    stop.container = real.add_container(container);
    stop.name = container.name;
    stop.state = container.state;
    stop.level = static_cast<std::size_t>(i);
    stops.push_back(stop);
  }
  const auto job = journal.begin("create", "s", "shop");
  engine.fail_at(n, when);

  try {
    Outage outage({engine, journal, clock, job}, stops, {});
    const auto ignored = outage.disturbances();
    const auto failures = outage.end();
    EXPECT_TRUE(failures.empty()) << "call " << n << ": " << failures[0].text;
  } catch (const dockerapi::Error&) {
    // Allowed: what counts is what is up.
  }

  for (const auto& stop : stops) {
    EXPECT_EQ(real.inspect(stop.container).state, stop.state)
        << stop.name << " after a fault at call " << n;
  }
  EXPECT_TRUE(journal.open_steps(job).empty()) << "after a fault at call " << n;
  return engine.calls() >= n;
}

TEST(OutageFault, NothingStaysDownWhicheverCallFailsBeforeItsEffect) {
  int n = 1;
  while (run_once(n, fakes::When::Before)) {
    ++n;
  }
  EXPECT_GT(n, 2 * kContainers);
}

TEST(OutageFault, NothingStaysDownWhicheverAnswerIsLost) {
  int n = 1;
  while (run_once(n, fakes::When::After)) {
    ++n;
  }
  EXPECT_GT(n, 2 * kContainers);
}

}  // namespace
}  // namespace controller
