#include "controller/hooks/job_hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/archive/volume_archive.h"
#include "controller/hooks/hook_step.h"
#include "tests/controller/capture/capture_fixture.h"
#include "tests/controller/hooks/fake_shell.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Words = std::vector<std::string>;

/// Hooks of service web, whose programs are named as their moments.
class JobHooksTest : public testing::Test {
 protected:
  JobHooksTest() : shell_(shop_.engine), databases_(shop_.databases) {
    job_ = shop_.journal->begin("create", "nightly", "shop");
    for (const auto moment : kHookMoments) {
      shell_.programs[std::string(to_string(moment))] = [](fakes::Process&) { return 0; };
    }
    shell_.programs["broken"] = [](fakes::Process&) { return 3; };
  }

  static PlannedHook hook(HookMoment moment, const std::string& program = "") {
    PlannedHook planned;
    planned.moment = moment;
    planned.project = "shop";
    planned.service = "web";
    planned.command = {program.empty() ? std::string(to_string(moment)) : program};
    return planned;
  }

  static std::vector<PlannedHook> one_of_each() {
    return {hook(HookMoment::PreBackup), hook(HookMoment::PostBackup), hook(HookMoment::OnFailure)};
  }

  std::unique_ptr<JobHooks> hooks(std::vector<PlannedHook> planned) {
    return std::make_unique<JobHooks>(HookTools{shop_.engine, shop_.report, databases_},
                                      *shop_.journal, HookFacts{job_, "nightly", "", ""},
                                      std::move(planned));
  }

  /// Programs that the journal wants run.
  Words open() {
    Words programs;
    for (const auto& step : shop_.journal->open_steps(job_)) {
      programs.push_back(hook_of(step).command.empty() ? "SQL" : hook_of(step).command.front());
    }
    return programs;
  }

  Shop shop_;
  FakeShell shell_;
  FakeDatabases databases_;
  std::string job_;
};

TEST_F(JobHooksTest, WritesWhatMustRunAtTheEndBeforeAnythingRuns) {
  const auto all = hooks(one_of_each());

  EXPECT_THAT(open(), ElementsAre("post-backup", "on-failure"));
  EXPECT_THAT(shell_.log(), IsEmpty());
}

TEST_F(JobHooksTest, OfAJobThatSucceedsRunsThoseBeforeAndAfter) {
  const auto all = hooks(one_of_each());
  all->before({});
  EXPECT_THAT(shell_.log(), ElementsAre("web: pre-backup"));

  EXPECT_THAT(all->after(Status::Success, ""), IsEmpty());
  all->succeeded();

  EXPECT_THAT(shell_.log(), ElementsAre("web: pre-backup", "web: post-backup"));
  EXPECT_THAT(shell_.environment("post-backup"), testing::Contains("COFFERDAM_STATUS=success"));
  EXPECT_THAT(open(), IsEmpty());
}

TEST_F(JobHooksTest, OfAJobThatFailsRunsThoseAfterAndOnFailure) {
  const auto all = hooks(one_of_each());
  all->before({});

  all->after_failure(Status::Failed, "no space");

  EXPECT_THAT(shell_.log(), ElementsAre("web: pre-backup", "web: post-backup", "web: on-failure"));
  EXPECT_THAT(shell_.environment("on-failure"),
              testing::IsSupersetOf({"COFFERDAM_STATUS=failed", "COFFERDAM_REASON=no space"}));
  EXPECT_THAT(open(), IsEmpty());
}

TEST_F(JobHooksTest, RunsNoneTwiceIfTheJobFailsLate) {
  const auto all = hooks(one_of_each());
  all->after(Status::Success, "");

  all->after_failure(Status::Failed, "the commit failed");

  EXPECT_THAT(shell_.log(), ElementsAre("web: post-backup", "web: on-failure"));
}

TEST_F(JobHooksTest, AFailureBeforeTheWorkForbidsIt) {
  const auto all = hooks({hook(HookMoment::PreBackup, "broken"), hook(HookMoment::PreBackup)});

  try {
    all->before({});
    FAIL() << "it went on";
  } catch (const HookFailed& error) {
    EXPECT_STREQ(error.what(), "the pre-backup hook of web failed: exit code 3");
  }

  EXPECT_THAT(shell_.log(), ElementsAre("web: broken"));
}

TEST_F(JobHooksTest, ACancelEndsThoseBeforeTheWork) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THROW(hooks(one_of_each())->before(stop.get_token()), Interrupted);
}

TEST_F(JobHooksTest, NamesTheFailuresAfterTheWorkThatCount) {
  auto lenient = hook(HookMoment::PostBackup, "broken");
  lenient.on_error = OnError::Continue;
  const auto all =
      hooks({lenient, hook(HookMoment::PostBackup, "broken"), hook(HookMoment::PostBackup)});

  EXPECT_THAT(all->after(Status::Success, ""),
              ElementsAre("the post-backup hook of web failed: exit code 3"));

  EXPECT_THAT(shell_.log(), ElementsAre("web: broken", "web: broken", "web: post-backup"));
  EXPECT_THAT(open(), IsEmpty()) << "what ran and failed is not run again";
}

TEST_F(JobHooksTest, LeavesToTheReplayWhatAnAbsentEngineDidNotRun) {
  const auto all = hooks(one_of_each());
  shop_.engine.set_reachable(false);

  EXPECT_EQ(all->after(Status::Success, "").size(), 1U);
  all->after_failure(Status::Failed, "");

  EXPECT_THAT(open(), ElementsAre("post-backup", "on-failure"));
}

TEST_F(JobHooksTest, LeavesEverythingToTheReplayIfItIsGone) {
  hooks(one_of_each()).reset();

  EXPECT_THAT(shell_.log(), IsEmpty());
  EXPECT_THAT(open(), ElementsAre("post-backup", "on-failure"));
}

TEST_F(JobHooksTest, OfAJobThatIsDoneAgainRunsNoneThatSaysItFailed) {
  const auto all = hooks(one_of_each());
  all->before({});

  all->before_another_attempt("no space");

  EXPECT_THAT(shell_.log(), ElementsAre("web: pre-backup", "web: post-backup"));
  EXPECT_THAT(open(), IsEmpty());
}

TEST_F(JobHooksTest, OfAJobThatIsDoneAgainFromItsBeginningRunsNone) {
  hooks(one_of_each())->before_another_attempt("no space");

  EXPECT_THAT(shell_.log(), IsEmpty());
  EXPECT_THAT(open(), IsEmpty());
}

// The restored databases that it is meant for are not there.
TEST_F(JobHooksTest, RunsNoSqlAfterAFailure) {
  auto sql = hook(HookMoment::PostRestore);
  sql.command.clear();
  sql.sql = "TRUNCATE cache";
  sql.databases = {"app"};

  hooks({sql, hook(HookMoment::PostRestore)})->after_failure(Status::Failed, "rolled back");

  EXPECT_THAT(shop_.databases.log, IsEmpty());
  EXPECT_THAT(shell_.log(), ElementsAre("web: post-restore"));
  EXPECT_THAT(open(), IsEmpty());
}

TEST(HookStep, KeepsAllThatIsNeededToRunIt) {
  PlannedHook hook;
  hook.moment = HookMoment::PostRestore;
  hook.project = "shop";
  hook.service = "db";
  hook.command = {"a", "b c", "\n\"é"};
  hook.shown = {"a", "***"};
  hook.sql = "SELECT 'x'";
  hook.databases = {"one", "two"};
  hook.timeout = std::chrono::milliseconds(1500);
  hook.user = "www:www";
  hook.on_error = OnError::Continue;
  hook.reason = "label of service db";

  EXPECT_EQ(hook_of(step_of(hook)), hook);
}

TEST(HookStep, RefusesWhatItDoesNotUnderstand) {
  Step step;
  step.kind = Step::Kind::Hook;
  for (const auto* text : {"", "{}", "[]", R"({"moment": "some-day"})"}) {
    step.detail = text;
    EXPECT_THROW(hook_of(step), JournalError) << text;
  }
}

}  // namespace
}  // namespace controller
