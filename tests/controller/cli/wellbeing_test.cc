#include "controller/cli/wellbeing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace controller {
namespace {

using std::chrono::minutes;
using std::chrono::steady_clock;

TEST(Wellbeing, StartsUnreadyAndNotIll) {
  const Wellbeing wellbeing("/nowhere/state.db");

  EXPECT_EQ(wellbeing.problem(), "starting");
  EXPECT_EQ(wellbeing.illness(steady_clock::now()), "");
}

TEST(Wellbeing, TakesAnEngineThatIsAwayForNoIllness) {
  Wellbeing wellbeing("/nowhere/state.db");
  wellbeing.note_round("cannot reach the engine", steady_clock::now());

  EXPECT_EQ(wellbeing.problem(), "cannot reach the engine");
  EXPECT_EQ(wellbeing.illness(steady_clock::now()), "");
}

TEST(Wellbeing, IsIllOnceTheLoopStandsStill) {
  Wellbeing wellbeing("/nowhere/state.db");
  const auto then = steady_clock::now();
  wellbeing.note_round("", then);

  EXPECT_EQ(wellbeing.illness(then + minutes{15}), "");
  EXPECT_THAT(wellbeing.illness(then + minutes{16}), testing::HasSubstr("a quarter of an hour"));
}

TEST(Wellbeing, IsIllWhereItsRecordsCannotBeReached) {
  const Wellbeing wellbeing("/proc/version/state.db");  // a file where a folder should be

  EXPECT_THAT(wellbeing.illness(steady_clock::now()), testing::HasSubstr("cannot write"));
}

}  // namespace
}  // namespace controller
