#include "controller/cli/job_notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "controller/cli/job_remarks.h"
#include "controller/cli/output.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::HasSubstr;

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

/// One target, which no letter can be delivered to: it is on loopback.
class JobNoticesTest : public testing::Test {
 protected:
  JobNoticesTest() {
    settings_.store = folder_.path();
    settings_.state = folder_.path() / ".cofferdam" / "state.db";
    settings_.config = folder_.path() / "config.yaml";
    std::ofstream(settings_.config) << "notifications: {a: {url: 'ntfy://127.0.0.1/t'}}\n";
  }

  /// What the target is told of a job that ends so.
  std::string message(ExitCode code, const std::string& error) {
    JobNotices(settings_, "create", "j1", "cli").end(code, error, facts_);
    const auto later = std::chrono::system_clock::now() + std::chrono::hours{1};
    const auto letter =
        Outbox(outbox_file(settings_)).take("a", std::chrono::floor<std::chrono::seconds>(later));
    return letter ? letter->event.message : "nothing";
  }

  TemporaryFolder folder_;
  Settings settings_;
  JobFacts facts_;
};

TEST_F(JobNoticesTest, SayWhyAJobIsDegraded) {
  const auto reporter = make_reporter({});
  JobRemarks remarks(*reporter, facts_);
  add_remark(facts_, "container db did not stop");
  testing::internal::CaptureStderr();
  remarks.warning("copy to s3: no connection");

  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("no connection"));
  EXPECT_EQ(message(ExitCode::Degraded, ""),
            "container db did not stop\ncopy to s3: no connection");
}

TEST_F(JobNoticesTest, SayWhyAJobFailedWhateverElseIsSaid) {
  add_remark(facts_, "container db did not stop");

  EXPECT_EQ(message(ExitCode::Failed, "the disk is full"), "the disk is full");
}

}  // namespace
}  // namespace controller
