#include "controller/hooks/run_hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/archive/volume_archive.h"
#include "tests/controller/capture/capture_fixture.h"
#include "tests/controller/hooks/fake_shell.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using End = HookOutcome::End;
using Words = std::vector<std::string>;

int succeed(fakes::Process& /*process*/) {
  return 0;
}

/// Service app of project shop, with a shell and some programs.
class RunHooksTest : public testing::Test {
 protected:
  RunHooksTest() : app_(add("app", dockerapi::ContainerState::Running)), shell_(engine_) {
    shell_.programs["ok"] = succeed;
    shell_.programs["three"] = [](fakes::Process&) { return 3; };
    shell_.programs["endless"] = [this](fakes::Process&) { return shell_.wait_for_signal(); };
    engine_.clear_log();
  }

  dockerapi::ContainerId add(const std::string& service, dockerapi::ContainerState state,
                             const std::string& one_off = "False") {
    dockerapi::Container container;
    container.name = "shop-" + service + "-" + std::to_string(++added_);
    container.state = state;
    container.labels = {{"com.docker.compose.project", "shop"},
                        {"com.docker.compose.service", service},
                        {"com.docker.compose.oneoff", one_off}};
    container.env = {"API_TOKEN=hunter2hunter2"};
    return engine_.add_container(container);
  }

  static PlannedHook hook(HookMoment moment, const Words& command) {
    PlannedHook planned;
    planned.moment = moment;
    planned.project = "shop";
    planned.service = "app";
    planned.command = command;
    planned.timeout = 30s;
    return planned;
  }

  std::vector<HookOutcome> run(const std::vector<PlannedHook>& hooks,
                               const std::stop_token& stop = {}) {
    FakeDatabases databases(script_);
    return run_hooks({engine_, report_, databases, grace_}, hooks,
                     {"job1", "nightly", "failed", "it broke"}, stop);
  }

  /// How the one command ended, as text.
  std::string end_of(const Words& command) {
    return to_text(run({hook(HookMoment::PostBackup, command)}).front());
  }

  std::string overdue(const Words& command) {
    auto one = hook(HookMoment::PostBackup, command);
    one.timeout = 20ms;
    return to_text(run({one}).front());
  }

  int added_ = 0;
  std::chrono::milliseconds grace_{60s};
  KeptReport report_;
  DatabaseScript script_;
  fakes::FakeEngine engine_;
  dockerapi::ContainerId app_;
  FakeShell shell_;
};

TEST_F(RunHooksTest, RunsACommandInTheServicesContainer) {
  const auto outcomes = run({hook(HookMoment::PreBackup, {"ok", "a b", "$x"})});

  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].end, End::Done);
  EXPECT_EQ(shell_.log(), Words{"app: ok a b $x"});
  EXPECT_THAT(report_.warnings, IsEmpty());
}

TEST_F(RunHooksTest, TellsTheCommandWhatItIsAbout) {
  run({hook(HookMoment::OnFailure, {"ok"})});

  EXPECT_EQ(shell_.environment("ok"),
            (Words{"COFFERDAM_HOOK=on-failure", "COFFERDAM_JOB=job1", "COFFERDAM_SNAPSHOT=nightly",
                   "COFFERDAM_STATUS=failed", "COFFERDAM_REASON=it broke"}));
}

TEST_F(RunHooksTest, NeedsNoShellForAnArgv) {
  const auto bare = add("bare", dockerapi::ContainerState::Running);
  engine_.on_exec("/prog", succeed);
  auto one = hook(HookMoment::PreBackup, {"/prog", "x"});
  one.service = "bare";

  EXPECT_EQ(run({one}).front().end, End::Done);
  EXPECT_THAT(engine_.log(), ElementsAre("exec shop-bare-2 /prog x"));
}

TEST_F(RunHooksTest, LogsWhatItPrintsWithoutSecrets) {
  shell_.programs["chatty"] = [](fakes::Process& process) {
    process.write_stdout("token hunter2hunter2\n");
    process.write_stderr("to stderr\n");
    return 0;
  };

  run({hook(HookMoment::PreBackup, {"chatty"})});

  EXPECT_THAT(report_.outputs, testing::UnorderedElementsAre("app: token ***", "app: to stderr"));
}

TEST_F(RunHooksTest, ChoosesTheOldestContainerThatRuns) {
  engine_.pause(app_);
  add("app", dockerapi::ContainerState::Running, "True");
  add("app", dockerapi::ContainerState::Exited);
  const auto third = add("app", dockerapi::ContainerState::Running);
  add("app", dockerapi::ContainerState::Running);
  engine_.clear_log();
  engine_.on_exec("/prog", succeed);

  run({hook(HookMoment::PreBackup, {"/prog"})});

  EXPECT_THAT(engine_.log(), ElementsAre("exec " + engine_.inspect(third).name + " /prog"));
}

TEST_F(RunHooksTest, SaysWhyNoContainerCouldRunIt) {
  add("app", dockerapi::ContainerState::Exited);
  engine_.pause(app_);
  EXPECT_EQ(end_of({"ok"}),
            "the post-backup hook of app failed: the service has no running container: shop-app-1 "
            "is paused, shop-app-2 is not running");

  auto absent = hook(HookMoment::PostBackup, {"ok"});
  absent.service = "gone";
  EXPECT_EQ(to_text(run({absent}).front()),
            "the post-backup hook of gone failed: the service has no running container");
}

TEST_F(RunHooksTest, AnExitCodeIsAFailure) {
  EXPECT_EQ(end_of({"three"}), "the post-backup hook of app failed: exit code 3");
  EXPECT_EQ(report_.warnings, Words{"the post-backup hook of app failed: exit code 3"});
}

TEST_F(RunHooksTest, ACommandThatCannotBeRunIsAFailure) {
  const std::string text =
      "the post-backup hook of app failed: the command could not be run, exit code 127: see its "
      "output";

  EXPECT_EQ(end_of({"nonsense"}), text);
  EXPECT_EQ(report_.outputs, Words{"app: sh: 1: exec: nonsense: not found"});
  auto bare = hook(HookMoment::PostBackup, {"/nothing"});
  bare.service = "bare";
  add("bare", dockerapi::ContainerState::Running);
  EXPECT_THAT(to_text(run({bare}).front()), HasSubstr("exit code 127"));
}

TEST_F(RunHooksTest, AContainerThatVanishesIsAFailure) {
  shell_.programs["suicide"] = [](fakes::Process& process) {
    process.run_until_killed();
    return 0;
  };
  fakes::FaultyEngine faulty(engine_);
  FakeDatabases databases(script_);
  // The calls are: containers, stat_path, exec, inspect_exec.
  faulty.happen_at(4, [&] { engine_.remove(app_); });

  const auto outcomes = run_hooks({faulty, report_, databases, grace_},
                                  {hook(HookMoment::PostBackup, {"ok"})}, {}, {});

  EXPECT_EQ(outcomes.front().end, End::Failed);
  EXPECT_THAT(outcomes.front().problem, HasSubstr("its container vanished"));
}

// ---- time-outs -------------------------------------------------------------------------------

TEST_F(RunHooksTest, EndsWhatTakesTooLong) {
  EXPECT_EQ(overdue({"endless"}),
            "the post-backup hook of app failed: it took longer than 1 s and was ended");
  EXPECT_EQ(shell_.log(), (Words{"app: endless", "kill TERM 4001"}));
}

TEST_F(RunHooksTest, KillsWhatDoesNotObey) {
  shell_.deadly = {"KILL"};
  grace_ = 500ms;

  EXPECT_EQ(overdue({"endless"}),
            "the post-backup hook of app failed: it took longer than 1 s and was ended");
  EXPECT_EQ(shell_.log(), (Words{"app: endless", "kill TERM 4001", "kill KILL 4001"}));
}

TEST_F(RunHooksTest, SaysSoIfItCannotBeEnded) {
  grace_ = 20ms;
  shell_.programs["undying"] = [](fakes::Process& process) {
    process.run_until_killed();
    return 0;
  };

  EXPECT_EQ(overdue({"undying"}),
            "the post-backup hook of app failed: it took longer than 1 s and goes on in the "
            "container: it could not be ended");
  EXPECT_EQ(shell_.log(),
            (Words{"app: undying", "kill TERM 4001", "kill KILL 4001", "kill KILL 4001"}))
      << "the last one as root";
}

TEST_F(RunHooksTest, SaysSoIfThereIsNoShellToEndItWith) {
  auto one = hook(HookMoment::PostBackup, {"/prog"});
  one.service = "bare";
  one.timeout = 20ms;
  add("bare", dockerapi::ContainerState::Running);
  engine_.on_exec("/prog", [](fakes::Process& process) {
    process.run_until_killed();
    return 0;
  });

  EXPECT_EQ(to_text(run({one}).front()),
            "the post-backup hook of bare failed: it took longer than 1 s and goes on in the "
            "container: without a /bin/sh in it nothing can end it");
}

// Whatever a container's shell says its number is, everybody in it must not be killed.
TEST_F(RunHooksTest, SignalsNobodyElse) {
  engine_.on_exec("/bin/sh", [](fakes::Process& process) {
    process.write_stderr("1\n");
    process.run_until_killed();
    return 0;
  });

  EXPECT_THAT(overdue({"endless"}), HasSubstr("goes on in the container"));
  EXPECT_EQ(engine_.log().size(), 1U);
}

TEST_F(RunHooksTest, ACancelEndsTheHook) {
  std::stop_source stop;
  shell_.programs["cancelled"] = [&](fakes::Process&) {
    stop.request_stop();
    return shell_.wait_for_signal();
  };

  EXPECT_THROW(
      run({hook(HookMoment::PreBackup, {"cancelled"}), hook(HookMoment::PreBackup, {"ok"})},
          stop.get_token()),
      Interrupted);

  EXPECT_EQ(shell_.log(), (Words{"app: cancelled", "kill TERM 4001"}));
}

TEST_F(RunHooksTest, NothingRunsAfterACancel) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THROW(run({hook(HookMoment::PreBackup, {"ok"})}, stop.get_token()), Interrupted);

  EXPECT_THAT(shell_.log(), IsEmpty());
}

// ---- several ---------------------------------------------------------------------------------

TEST_F(RunHooksTest, BeforeTheWorkTheFirstFailureIsTheLast) {
  const auto outcomes =
      run({hook(HookMoment::PreBackup, {"ok"}), hook(HookMoment::PreBackup, {"three"}),
           hook(HookMoment::PreBackup, {"ok"})});

  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_TRUE(counts(outcomes.back()));
  EXPECT_THAT(report_.warnings, IsEmpty()) << "the caller reports it";
}

TEST_F(RunHooksTest, AfterTheWorkAllOfThemRun) {
  const auto outcomes =
      run({hook(HookMoment::PostBackup, {"three"}), hook(HookMoment::PostBackup, {"ok"})});

  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_TRUE(counts(outcomes[0]));
  EXPECT_FALSE(counts(outcomes[1]));
}

TEST_F(RunHooksTest, AFailureThatDoesNotCountIsAWarning) {
  auto lenient = hook(HookMoment::PreBackup, {"three"});
  lenient.on_error = OnError::Continue;

  const auto outcomes =
      run({lenient, hook(HookMoment::PreBackup, {"ok"}), hook(HookMoment::OnFailure, {"three"})});

  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_FALSE(counts(outcomes[0]));
  EXPECT_FALSE(counts(outcomes[2]));
  EXPECT_THAT(report_.warnings, ElementsAre("the pre-backup hook of app failed: exit code 3",
                                            "the on-failure hook of app failed: exit code 3"));
}

// Lost before or after its effect: nobody knows whether the hook ran.
TEST_F(RunHooksTest, AnEngineThatGoesAwayIsToldApart) {
  for (const auto when : {fakes::When::Before, fakes::When::After}) {
    for (int call = 1; call <= 4; ++call) {
      fakes::FaultyEngine faulty(engine_);
      faulty.fail_at(call, when);
      FakeDatabases databases(script_);
      const auto outcomes = run_hooks({faulty, report_, databases, grace_},
                                      {hook(HookMoment::PostBackup, {"ok"})}, {}, {});
      EXPECT_EQ(outcomes.front().end, End::EngineAway) << faulty.call(call);
      EXPECT_TRUE(counts(outcomes.front()));
    }
  }
}

// ---- SQL -------------------------------------------------------------------------------------

PlannedHook sql_hook() {
  PlannedHook planned;
  planned.moment = HookMoment::PostRestore;
  planned.project = "shop";
  planned.service = "app";
  planned.sql = "TRUNCATE cache";
  planned.databases = {"one", "two"};
  planned.timeout = 30s;
  return planned;
}

TEST_F(RunHooksTest, RunsSqlInEveryDatabaseItIsMeantFor) {
  EXPECT_EQ(run({sql_hook()}).front().end, End::Done);

  EXPECT_THAT(script_.log, ElementsAre("connect app", "sql in one: TRUNCATE cache",
                                       "sql in two: TRUNCATE cache"));
  EXPECT_THAT(report_.outputs, ElementsAre("app: ran TRUNCATE cache", "app: ran TRUNCATE cache"));
}

TEST_F(RunHooksTest, AnErrorOfSqlIsAFailure) {
  script_.before = [](const std::string& call) {
    if (call.starts_with("sql in two")) {
      throw DatabaseError("psql ended with exit code 3");
    }
  };

  EXPECT_EQ(to_text(run({sql_hook()}).front()),
            "the post-restore hook of app failed: psql ended with exit code 3");
}

TEST_F(RunHooksTest, EndsSqlThatTakesTooLong) {
  auto one = sql_hook();
  one.timeout = 20ms;
  script_.sql_waits_for_stop = true;

  EXPECT_EQ(to_text(run({one}).front()),
            "the post-restore hook of app failed: it took longer than 1 s and was ended");
}

TEST_F(RunHooksTest, ACancelEndsSql) {
  std::stop_source stop;
  script_.sql_waits_for_stop = true;
  script_.before = [&](const std::string& call) {
    if (call.starts_with("sql")) {
      stop.request_stop();
    }
  };

  EXPECT_THROW(run({sql_hook()}, stop.get_token()), Interrupted);
}

}  // namespace
}  // namespace controller
