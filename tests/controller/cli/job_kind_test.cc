#include "controller/cli/job_kind.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(JobKind, IsTheCommand) {
  EXPECT_EQ(job_kind_of("create"), "create");
  EXPECT_EQ(job_kind_of("fetch"), "fetch");
}

TEST(JobKind, OfARunOfAScheduleIsThatOfACapture) {
  EXPECT_EQ(job_kind_of("schedule run"), "create");
}

TEST(JobKind, IsAbsentForWhatChangesNothing) {
  for (const auto* command : {"list", "plan", "schedule", "schedule ls", "serve"}) {
    EXPECT_EQ(job_kind_of(command), std::nullopt) << command;
  }
}

}  // namespace
}  // namespace controller
