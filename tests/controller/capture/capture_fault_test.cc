// P1 and P2 under every fault: whichever engine call fails, before or after its effect, no
// container stays down and no half snapshot is visible; at the latest after the replay that the
// next start makes.

#include <gtest/gtest.h>

#include "tests/controller/capture/capture_fixture.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

void expect_promises_kept(Shop& shop, const std::string& where) {
  auto setting = shop.setting(shop.engine);
  const auto report = replay(setting);
  EXPECT_TRUE(report.problems.empty()) << where << ": " << report.problems.front();

  EXPECT_TRUE(shop.all_running()) << where;
  for (const auto& entry : shop.store->list()) {
    EXPECT_TRUE(entry.summary.has_value()) << where << ": " << entry.problem;
  }
  EXPECT_TRUE(shop.journal->open_jobs().empty()) << where;
}

/// Returns whether the fault was reached.
bool run_once(int n, fakes::When when) {
  Shop shop;
  fakes::FaultyEngine engine(shop.engine);
  engine.fail_at(n, when);
  bool succeeded = false;
  try {
    shop.capture(engine, "nightly");
    succeeded = true;
  } catch (const std::exception&) {
    // Allowed: what counts is the world afterwards.
  }

  const std::string where = "call " + std::to_string(n) +
                            (n <= engine.calls() ? " (" + engine.call(n) + ")" : "") +
                            (when == fakes::When::Before ? " lost" : " unanswered");
  EXPECT_TRUE(shop.all_running()) << where << ", even without a replay";
  EXPECT_EQ(shop.store->list().size(), succeeded ? 1U : 0U) << where;
  expect_promises_kept(shop, where);
  return engine.calls() >= n;
}

int sweep(fakes::When when) {
  int n = 1;
  while (run_once(n, when)) {
    ++n;
  }
  return n - 1;
}

TEST(CaptureFault, EveryCallLostBeforeItsEffect) {
  EXPECT_GT(sweep(fakes::When::Before), 15);
}

TEST(CaptureFault, EveryAnswerLost) {
  EXPECT_GT(sweep(fakes::When::After), 15);
}

// The engine goes away for good in the middle: what is down is in the journal, and comes back with
// the engine.
TEST(CaptureFault, TheEngineGoesAwayAtEveryCall) {
  int calls = 0;
  {
    Shop shop;
    fakes::FaultyEngine engine(shop.engine);
    shop.capture(engine, "nightly");
    calls = engine.calls();
  }
  for (int n = 1; n <= calls; ++n) {
    Shop shop;
    fakes::FaultyEngine engine(shop.engine);
    engine.fail_from(n);
    try {
      shop.capture(engine, "nightly");
    } catch (const std::exception&) {
      // Allowed.
    }
    expect_promises_kept(shop, "engine away from call " + std::to_string(n));
  }
}

}  // namespace
}  // namespace controller
