// The operator's hooks around a capture, also if it fails or its process dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>

#include "controller/archive/volume_archive.h"
#include "controller/hooks/hook_step.h"
#include "controller/hooks/job_hooks.h"
#include "controller/outage/outage.h"
#include "tests/controller/capture/capture_fixture.h"
#include "tests/controller/hooks/fake_shell.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Words = std::vector<std::string>;

constexpr const char* kAllHooks =
    "services: {db: {hook.pre-backup: [pre], hook.post-backup: [post], hook.on-failure: [alarm]}}";

/// A shop whose db has hooks, which note whether web runs meanwhile.
struct HookedShop {
  HookedShop() : shell(shop.engine) {
    shop.config = kAllHooks;
    for (const auto* name : {"pre", "post", "alarm"}) {
      shell.programs[name] = [this, name](fakes::Process&) { return note(name); };
    }
    shop.engine.clear_log();
  }

  int note(const std::string& name) {
    const bool up = shop.engine.inspect(shop.web).state == dockerapi::ContainerState::Running;
    const std::scoped_lock lock(mutex);
    seen_.push_back(name + (up ? " (web up)" : " (web down)"));
    return exit_codes[name];
  }

  [[nodiscard]] Words seen() const {
    const std::scoped_lock lock(mutex);
    return seen_;
  }

  [[nodiscard]] bool stopped_anything() const {
    const auto log = shop.engine.log();
    return std::ranges::any_of(log, [](const auto& line) { return line.starts_with("stop shop"); });
  }

  // Before the shop, whose processes note what they see.
  mutable std::mutex mutex;
  std::map<std::string, int> exit_codes;
  Words seen_;
  Shop shop;
  FakeShell shell;
};

TEST(CaptureHooks, RunBeforeTheOutageAndAfterIt) {
  HookedShop hooked;
  hooked.shop.databases.before = [&](const std::string& call) { hooked.seen_.push_back(call); };

  const auto manifest = hooked.shop.capture(hooked.shop.engine, "nightly");

  EXPECT_EQ(manifest.status, Status::Success);
  EXPECT_THAT(hooked.seen(), ElementsAre("connect db", "pre (web up)", "freeze app", "dump app",
                                         "release app", "post (web up)"));
  EXPECT_THAT(hooked.shell.environment("post"),
              testing::IsSupersetOf({"COFFERDAM_STATUS=success", "COFFERDAM_SNAPSHOT=nightly",
                                     "COFFERDAM_HOOK=post-backup"}));
  EXPECT_THAT(hooked.shop.journal->open_jobs(), IsEmpty());
}

TEST(CaptureHooks, AFailureBeforehandStopsNothingAndMakesNoSnapshot) {
  HookedShop hooked;
  hooked.exit_codes["pre"] = 3;

  EXPECT_THROW(hooked.shop.capture(hooked.shop.engine, "nightly"), HookFailed);

  EXPECT_FALSE(hooked.stopped_anything());
  EXPECT_THAT(hooked.shop.store->list(), IsEmpty());
  EXPECT_THAT(hooked.seen(), ElementsAre("pre (web up)", "post (web up)", "alarm (web up)"));
  EXPECT_THAT(
      hooked.shell.environment("alarm"),
      testing::IsSupersetOf({"COFFERDAM_STATUS=failed",
                             "COFFERDAM_REASON=the pre-backup hook of db failed: exit code 3"}));
}

TEST(CaptureHooks, AFailureBeforehandMayBeIgnored) {
  HookedShop hooked;
  hooked.shop.config =
      "services: {db: {hook.pre-backup: [pre], hook.pre-backup.on-error: continue}}";
  hooked.exit_codes["pre"] = 3;

  EXPECT_EQ(hooked.shop.capture(hooked.shop.engine, "nightly").status, Status::Success);

  EXPECT_THAT(hooked.shop.report.warnings,
              Contains("the pre-backup hook of db failed: exit code 3"));
}

TEST(CaptureHooks, AFailureAfterwardsMakesItDegraded) {
  HookedShop hooked;
  hooked.exit_codes["post"] = 4;

  const auto manifest = hooked.shop.capture(hooked.shop.engine, "nightly");

  EXPECT_EQ(manifest.status, Status::Degraded);
  EXPECT_THAT(manifest.reasons, ElementsAre("the post-backup hook of db failed: exit code 4"));
  EXPECT_EQ(hooked.shop.store->manifest("nightly").reasons, manifest.reasons);
  EXPECT_THAT(hooked.seen(), ElementsAre("pre (web up)", "post (web up)"));
}

TEST(CaptureHooks, AreToldWhyItIsDegraded) {
  HookedShop hooked;
  hooked.shop.databases.before = [&](const std::string& call) {
    if (call == "freeze app") {
      hooked.shop.engine.refuse("start shop-web-1");
    }
  };

  EXPECT_EQ(hooked.shop.capture(hooked.shop.engine, "nightly").status, Status::Degraded);

  EXPECT_THAT(hooked.shell.environment("post"),
              testing::AllOf(Contains("COFFERDAM_STATUS=degraded"),
                             Contains(HasSubstr("COFFERDAM_REASON=container shop-web-1"))));
}

TEST(CaptureHooks, RunOnceTheContainersOfAFailedCaptureAreBack) {
  HookedShop hooked;
  hooked.shop.databases.before = [](const std::string& call) {
    if (call == "freeze app") {
      throw DatabaseError("lock timeout");
    }
  };

  EXPECT_THROW(hooked.shop.capture(hooked.shop.engine, "nightly"), DatabaseError);

  EXPECT_TRUE(hooked.stopped_anything());
  EXPECT_THAT(hooked.seen(), ElementsAre("pre (web up)", "post (web up)", "alarm (web up)"));
  EXPECT_THAT(hooked.shell.environment("post"),
              testing::IsSupersetOf({"COFFERDAM_STATUS=failed", "COFFERDAM_REASON=lock timeout"}));
  EXPECT_THAT(hooked.shop.journal->open_jobs(), IsEmpty());
}

TEST(CaptureHooks, RunAfterACancelToo) {
  HookedShop hooked;
  std::stop_source stop;
  hooked.shop.databases.before = [&](const std::string& call) {
    if (call == "freeze app") {
      stop.request_stop();
    }
  };

  EXPECT_THROW(hooked.shop.capture(hooked.shop.engine, "nightly", stop.get_token()), Interrupted);

  EXPECT_THAT(hooked.seen(), ElementsAre("pre (web up)", "post (web up)", "alarm (web up)"));
  EXPECT_THAT(hooked.shell.environment("alarm"), Contains("COFFERDAM_STATUS=cancelled"));
}

// The name is taken: nothing has begun, so there is nothing to put right.
TEST(CaptureHooks, DoNotRunForACaptureThatNeverBegan) {
  HookedShop hooked;
  hooked.shop.capture(hooked.shop.engine, "nightly");
  hooked.seen_.clear();

  EXPECT_THROW(hooked.shop.capture(hooked.shop.engine, "nightly"), SnapshotExists);

  EXPECT_THAT(hooked.seen(), IsEmpty());
}

// ---- after the death of the process ----------------------------------------------------------

/// As a killed capture leaves it: web is down, the hooks are owed.  Returns the job.
std::string die_in_the_outage(HookedShop& hooked, const std::string& snapshot) {
  auto& shop = hooked.shop;
  const auto job = shop.journal->begin("create", snapshot, "shop");
  const auto seen = shop.engine.inspect(shop.web);
  Step step;
  step.kind = Step::Kind::Container;
  step.stop.container = shop.web;
  step.stop.name = seen.name;
  step.stop.project = "shop";
  step.stop.service = "web";
  step.stop.number = 1;
  shop.journal->intend(job, step);
  for (const auto& [moment, program] :
       {std::pair(HookMoment::PostBackup, "post"), std::pair(HookMoment::OnFailure, "alarm")}) {
    PlannedHook hook;
    hook.moment = moment;
    hook.project = "shop";
    hook.service = "db";
    hook.command = {program};
    shop.journal->intend(job, step_of(hook));
  }
  shop.engine.stop(shop.web, {});
  return job;
}

TEST(ReplayedHooks, RunWhenTheContainersAreBack) {
  HookedShop hooked;
  const auto job = die_in_the_outage(hooked, "nightly");
  auto setting = hooked.shop.setting(hooked.shop.engine);

  const auto report = replay(setting);

  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(hooked.seen(), ElementsAre("post (web up)", "alarm (web up)"));
  EXPECT_THAT(hooked.shell.environment("post"),
              testing::IsSupersetOf(Words{"COFFERDAM_STATUS=interrupted", "COFFERDAM_JOB=" + job,
                                          "COFFERDAM_SNAPSHOT=nightly",
                                          "COFFERDAM_REASON=the process that worked on it died"}));
  EXPECT_THAT(report.actions, Contains("the post-backup hook of db was run"));
  EXPECT_THAT(hooked.shop.journal->open_jobs(), IsEmpty());
}

TEST(ReplayedHooks, WaitForContainersThatDoNotComeBack) {
  HookedShop hooked;
  die_in_the_outage(hooked, "nightly");
  hooked.shop.engine.refuse("start shop-web-1");
  auto setting = hooked.shop.setting(hooked.shop.engine);

  replay(setting);
  EXPECT_THAT(hooked.seen(), IsEmpty());
  replay(setting);

  EXPECT_THAT(hooked.seen(), ElementsAre("post (web up)", "alarm (web up)"));
}

TEST(ReplayedHooks, AreNotRunTwiceIfTheyFail) {
  HookedShop hooked;
  hooked.exit_codes["post"] = 5;
  die_in_the_outage(hooked, "nightly");
  auto setting = hooked.shop.setting(hooked.shop.engine);

  const auto report = replay(setting);
  replay(setting);

  EXPECT_THAT(report.actions, Contains("the post-backup hook of db failed: exit code 5"));
  EXPECT_THAT(hooked.seen(), ElementsAre("post (web up)", "alarm (web up)"));
}

// Killed after its commit: the snapshot is there, so nothing has failed.
TEST(ReplayedHooks, RaiseNoAlarmIfTheSnapshotExists) {
  HookedShop hooked;
  hooked.shop.config.clear();
  hooked.shop.capture(hooked.shop.engine, "nightly");
  die_in_the_outage(hooked, "nightly");
  auto setting = hooked.shop.setting(hooked.shop.engine);

  replay(setting);

  EXPECT_THAT(hooked.seen(), ElementsAre("post (web up)"));
  EXPECT_THAT(hooked.shell.environment("post"), Contains("COFFERDAM_STATUS=success"));
  EXPECT_THAT(hooked.shop.journal->open_jobs(), IsEmpty());
}

// ---- under every fault -----------------------------------------------------------------------

bool ran(const HookedShop& hooked, const std::string& name) {
  const auto seen = hooked.seen();
  return std::ranges::any_of(seen, [&](const auto& line) { return line.starts_with(name + " "); });
}

using Break = std::function<void(fakes::FaultyEngine&, int)>;

/// Returns whether the fault was reached.
bool capture_with_fault(int n, const Break& break_it, const std::string& how) {
  HookedShop hooked;
  fakes::FaultyEngine engine(hooked.shop.engine);
  break_it(engine, n);
  bool succeeded = false;
  try {
    hooked.shop.capture(engine, "nightly");
    succeeded = true;
  } catch (const std::exception&) {
    // Allowed: what counts is the world afterwards.
  }
  const auto where = how + " at call " + std::to_string(n) +
                     (n <= engine.calls() ? " (" + engine.call(n) + ")" : "");
  auto setting = hooked.shop.setting(hooked.shop.engine);
  const auto report = replay(setting);

  EXPECT_THAT(report.problems, IsEmpty()) << where;
  EXPECT_TRUE(ran(hooked, "post") || !ran(hooked, "pre")) << where << ": the finally is missing";
  EXPECT_TRUE(ran(hooked, "alarm") || succeeded || !ran(hooked, "pre")) << where << ": no alarm";
  EXPECT_FALSE(ran(hooked, "alarm") && succeeded) << where << ": a false alarm";
  EXPECT_THAT(hooked.seen(), testing::Each(HasSubstr("(web up)"))) << where;
  EXPECT_TRUE(hooked.shop.all_running()) << where;
  EXPECT_THAT(hooked.shop.journal->open_jobs(), IsEmpty()) << where;
  EXPECT_EQ(hooked.shop.store->list().size(), succeeded ? 1U : 0U) << where;
  return engine.calls() >= n;
}

int sweep(const Break& break_it, const std::string& how) {
  int n = 1;
  while (n < 200 && capture_with_fault(n, break_it, how)) {
    ++n;
  }
  return n - 1;
}

TEST(CaptureHooksFault, EveryCallLostBeforeItsEffect) {
  EXPECT_GT(sweep([](auto& engine, int n) { engine.fail_at(n, fakes::When::Before); }, "lost"), 20);
}

TEST(CaptureHooksFault, EveryAnswerLost) {
  EXPECT_GT(sweep([](auto& engine, int n) { engine.fail_at(n, fakes::When::After); }, "unanswered"),
            20);
}

TEST(CaptureHooksFault, TheEngineGoesAwayAtEveryCall) {
  EXPECT_GT(sweep([](auto& engine, int n) { engine.fail_from(n); }, "engine away"), 20);
}

}  // namespace
}  // namespace controller
