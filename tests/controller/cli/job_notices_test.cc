#include "controller/cli/job_notices.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(JobNotices, TakeNoDegradedJobForASuccess) {
  EXPECT_EQ(notify_kind_after(ExitCode::Success, "cli"), NotifyKind::Success);
  EXPECT_EQ(notify_kind_after(ExitCode::Degraded, "cli"), NotifyKind::Degraded);
  EXPECT_EQ(notify_kind_after(ExitCode::Refused, "cli"), NotifyKind::Failed);
  EXPECT_EQ(notify_kind_after(ExitCode::NoSpace, "schedule nightly"), NotifyKind::Failed);
}

TEST(JobNotices, RaiseNoAlarmForWhatNeverBegan) {
  for (const auto code : {ExitCode::Cancelled, ExitCode::Usage, ExitCode::NotFound}) {
    EXPECT_EQ(notify_kind_after(code, "cli"), NotifyKind::Cancelled);
  }
}

TEST(JobNotices, RaiseNoAlarmForWhatAScheduleTriesAgain) {
  for (const auto code : {ExitCode::Locked, ExitCode::EngineUnreachable}) {
    EXPECT_EQ(notify_kind_after(code, "schedule nightly"), NotifyKind::Cancelled);
    EXPECT_EQ(notify_kind_after(code, "cli"), NotifyKind::Failed);
  }
}

}  // namespace
}  // namespace controller
