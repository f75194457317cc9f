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

Job job(const std::string& started_by, JobState state, ExitCode code = ExitCode::Failed,
        const std::string& kind = "create") {
  return {"id", kind, "", started_by, "", "", state, static_cast<int>(code), "", "", {}};
}

TEST(JobNotices, KnowARecoveryByTheLastJobOfTheSameSchedule) {
  const std::string nightly = "schedule nightly";
  const std::vector<Job> earlier = {
      job("schedule weekly", JobState::Failed), job("cli", JobState::Success, ExitCode::Success),
      job(nightly, JobState::Failed, ExitCode::Failed, "prune"), job(nightly, JobState::Failed),
      job(nightly, JobState::Success, ExitCode::Success)};

  EXPECT_TRUE(follows_a_failure("create", nightly, earlier));
  EXPECT_TRUE(follows_a_failure("prune", nightly, earlier));
  EXPECT_TRUE(follows_a_failure("create", "schedule weekly", earlier));
  EXPECT_FALSE(follows_a_failure("create", "cli", earlier));
  EXPECT_FALSE(follows_a_failure("drill", "cli", earlier));
  EXPECT_FALSE(follows_a_failure("create", nightly, {}));
}

TEST(JobNotices, CountWhoeverAskedForItAsOne) {
  EXPECT_TRUE(follows_a_failure("create", "api token ci", {job("cli", JobState::Failed)}));
}

TEST(JobNotices, TakeWhatIsNeitherGoodNorBadForNoEndOfAFailure) {
  const auto then = [](const Job& between) {
    return follows_a_failure("create", "schedule a",
                             {between, job("schedule a", JobState::Interrupted)});
  };

  EXPECT_TRUE(then(job("schedule a", JobState::Cancelled, ExitCode::Cancelled)));
  EXPECT_TRUE(then(job("schedule a", JobState::Degraded, ExitCode::Degraded)));
  EXPECT_TRUE(then(job("schedule a", JobState::Failed, ExitCode::Locked)));
  EXPECT_TRUE(then(job("schedule a", JobState::Running)));
  EXPECT_FALSE(then(job("schedule a", JobState::Success, ExitCode::Success)));
  EXPECT_FALSE(follows_a_failure("create", "schedule a",
                                 {job("schedule a", JobState::Failed, ExitCode::Locked)}));
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
    JobNotices(settings_, "create", "j1", "cli").end(code, error, facts_, earlier_);
    const auto later = std::chrono::system_clock::now() + std::chrono::hours{1};
    const auto letter =
        Outbox(outbox_file(settings_)).take("a", std::chrono::floor<std::chrono::seconds>(later));
    return letter ? letter->event.message : "nothing";
  }

  TemporaryFolder folder_;
  Settings settings_;
  JobFacts facts_;
  std::vector<Job> earlier_;
};

TEST_F(JobNoticesTest, TellOfARecoveryInPlaceOfASuccess) {
  std::ofstream(settings_.config) << "notifications:\n"
                                     "  a: {url: 'ntfy://127.0.0.1/t', on: [success, recovered]}\n"
                                     "  b: {url: 'ntfy://127.0.0.1/t', on: [success]}\n";
  earlier_ = {job("cli", JobState::Failed)};
  JobNotices(settings_, "create", "j1", "cli").end(ExitCode::Success, "", facts_, earlier_);

  Outbox outbox(outbox_file(settings_));
  const auto later = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) +
                     std::chrono::hours{1};
  const auto told = [&](const std::string& target) {
    std::string kinds;
    for (auto letter = outbox.take(target, later); letter; letter = outbox.take(target, later)) {
      kinds += to_string(letter->event.kind) + " ";
      outbox.delivered(*letter, later);
    }
    return kinds;
  };
  EXPECT_EQ(told("a"), "recovered ");
  EXPECT_EQ(told("b"), "success ");
}

TEST_F(JobNoticesTest, DoNotTakeTheJobItselfForAnEarlierOne) {
  std::ofstream(settings_.config)
      << "notifications: {a: {url: 'ntfy://127.0.0.1/t', on: [success, recovered]}}\n";
  auto itself = job("cli", JobState::Success, ExitCode::Success);
  itself.id = "j1";
  earlier_ = {itself, job("cli", JobState::Failed)};
  JobNotices(settings_, "create", "j1", "cli").end(ExitCode::Success, "", facts_, earlier_);

  const auto later = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) +
                     std::chrono::hours{1};
  EXPECT_EQ(Outbox(outbox_file(settings_)).take("a", later).value().event.kind,
            NotifyKind::Recovered);
}

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
