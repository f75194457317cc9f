#include "controller/outage/outage.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_engine.h"
#include "tests/fakes/step_clock.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using dockerapi::ContainerState;
using fakes::Log;

class OutageTest : public testing::Test {
 protected:
  OutageTest() : journal_(folder_.path() / "state.db") {
    db_ = planned("db", 0);
    web_ = planned("web", 1);
    engine_.clear_log();
    job_ = journal_.begin("create", "s", "shop");
  }

  PlannedStop planned(const std::string& name, std::size_t level,
                      ContainerState state = ContainerState::Running) {
    dockerapi::Container container;
    container.name = name;
    container.state = state;
    container.restart_policy = {"unless-stopped", 0};
    container.labels = {{"com.docker.compose.project", "shop"},
                        {"com.docker.compose.service", name},
                        {"com.docker.compose.container-number", "1"},
                        {"com.docker.compose.oneoff", "False"}};
    PlannedStop stop;
    stop.container = engine_.add_container(container);
    stop.name = name;
    stop.project = "shop";
    stop.service = name;
    stop.number = 1;
    stop.level = level;
    return stop;
  }

  OutageContext context() { return {engine_, journal_, clock_, job_}; }

  ContainerState state_of(const PlannedStop& stop) { return engine_.inspect(stop.container).state; }

  TemporaryFolder folder_;
  fakes::FakeEngine engine_;
  fakes::StepClock clock_;
  Journal journal_;
  PlannedStop db_;
  PlannedStop web_;
  std::string job_;
};

TEST_F(OutageTest, StopsDependentsFirstAndStartsThemLast) {
  Outage outage(context(), {web_, db_}, {});

  EXPECT_TRUE(outage.end().empty());

  EXPECT_EQ(engine_.log(), (Log{"stop web", "stop db", "start db", "start web"}));
}

TEST_F(OutageTest, LeavingTheScopeStartsWhatIsDown) {
  { Outage outage(context(), {web_, db_}, {}); }

  EXPECT_EQ(state_of(db_), ContainerState::Running);
  EXPECT_EQ(state_of(web_), ContainerState::Running);
}

// The engine may carry out a stop that it never answered.
TEST_F(OutageTest, StartsAContainerWhoseStopGotNoAnswer) {
  engine_.lose_answer("stop db");

  EXPECT_THROW(Outage(context(), {web_, db_}, {}), dockerapi::Unreachable);

  EXPECT_EQ(state_of(db_), ContainerState::Running);
  EXPECT_EQ(state_of(web_), ContainerState::Running);
}

TEST_F(OutageTest, StartsTheOthersWhenOneWillNotStop) {
  engine_.refuse("stop db");

  EXPECT_THROW(Outage(context(), {web_, db_}, {}), dockerapi::Error);

  EXPECT_EQ(engine_.log(), (Log{"stop web", "stop db", "start web"}));
}

TEST_F(OutageTest, WritesTheIntentBeforeTheStopAndSettlesItAfterTheStart) {
  engine_.refuse("stop web");
  EXPECT_THROW(Outage(context(), {web_}, {}), dockerapi::Error);
  EXPECT_TRUE(journal_.open_steps(job_).empty());

  Outage outage(context(), {web_}, {});
  EXPECT_EQ(journal_.open_steps(job_).size(), 1U);
  EXPECT_TRUE(outage.end().empty());
  EXPECT_TRUE(journal_.open_steps(job_).empty());
}

TEST_F(OutageTest, ReportsWhatDoesNotStartAndLeavesItInTheJournal) {
  Outage outage(context(), {web_, db_}, {});
  engine_.refuse("start db");

  const auto failures = outage.end();

  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].container, "db");
  EXPECT_EQ(state_of(web_), ContainerState::Running);
  ASSERT_EQ(journal_.open_steps(job_).size(), 1U);
  EXPECT_EQ(journal_.open_steps(job_)[0].stop.name, "db");
}

TEST_F(OutageTest, LeavesAloneWhatWasNotRunning) {
  const auto idle = planned("idle", 1, ContainerState::Exited);
  engine_.clear_log();

  Outage outage(context(), {idle, db_}, {});
  EXPECT_TRUE(outage.end().empty());

  EXPECT_EQ(engine_.log(), (Log{"stop db", "start db"}));
}

TEST_F(OutageTest, PausesAgainWhatWasPaused) {
  const auto frozen = planned("frozen", 0, ContainerState::Paused);

  Outage outage(context(), {frozen}, {});
  EXPECT_TRUE(outage.end().empty());

  EXPECT_EQ(state_of(frozen), ContainerState::Paused);
}

TEST_F(OutageTest, PausesInsteadOfStoppingWhereThePlanSaysSo) {
  web_.action = PlannedStop::Action::Pause;

  Outage outage(context(), {web_}, {});
  EXPECT_EQ(state_of(web_), ContainerState::Paused);
  EXPECT_TRUE(outage.disturbances().empty());
  EXPECT_TRUE(outage.end().empty());

  EXPECT_EQ(engine_.log(), (Log{"pause web", "unpause web"}));
}

TEST_F(OutageTest, NoticesAContainerThatCameUpAndWentDownAgain) {
  Outage outage(context(), {web_, db_}, {});
  engine_.start(db_.container);
  engine_.stop(db_.container, std::nullopt);

  const auto disturbances = outage.disturbances();

  ASSERT_EQ(disturbances.size(), 1U);
  EXPECT_NE(disturbances[0].find("db"), std::string::npos);
}

TEST_F(OutageTest, NoticesAContainerThatWasRemoved) {
  Outage outage(context(), {web_}, {});
  engine_.remove(web_.container);

  EXPECT_EQ(outage.disturbances().size(), 1U);
  EXPECT_EQ(outage.end().size(), 1U);
}

TEST_F(OutageTest, StartsTheContainerThatTookTheOldOnesPlace) {
  Outage outage(context(), {web_}, {});
  engine_.remove(web_.container);
  const auto successor = planned("web-again", 1, ContainerState::Exited);
  auto labels = engine_.inspect(successor.container).labels;
  ASSERT_EQ(labels["com.docker.compose.service"], "web-again");
  dockerapi::Container replacement;
  replacement.name = "web2";
  replacement.state = ContainerState::Created;
  replacement.labels = {{"com.docker.compose.project", "shop"},
                        {"com.docker.compose.service", "web"},
                        {"com.docker.compose.container-number", "1"}};
  const auto id = engine_.add_container(replacement);

  EXPECT_TRUE(outage.end().empty());

  EXPECT_EQ(engine_.inspect(id).state, ContainerState::Running);
}

TEST_F(OutageTest, HoldsRestartPoliciesAndPutsThemBack) {
  OutageOptions options;
  options.hold_restart_policies = true;

  Outage outage(context(), {web_}, options);
  EXPECT_EQ(engine_.inspect(web_.container).restart_policy.name, "no");
  EXPECT_TRUE(outage.end().empty());

  EXPECT_EQ(engine_.inspect(web_.container).restart_policy.name, "unless-stopped");
}

TEST_F(OutageTest, GoesOnTryingWhileTheEngineIsAway) {
  Outage outage(context(), {web_}, {});
  engine_.lose_answer("start web");

  EXPECT_TRUE(outage.end().empty());

  EXPECT_EQ(state_of(web_), ContainerState::Running);
}

TEST_F(OutageTest, GivesUpOnAnEngineThatStaysAwayAndKeepsTheJournal) {
  Outage outage(context(), {web_}, {});
  engine_.set_reachable(false);

  const auto failures = outage.end();
  engine_.set_reachable(true);

  EXPECT_EQ(failures.size(), 1U);
  EXPECT_EQ(journal_.open_steps(job_).size(), 1U);
}

TEST_F(OutageTest, SaysHowLongEachServiceWasDown) {
  Outage outage(context(), {web_, db_}, {});
  clock_.sleep(std::chrono::milliseconds(2500));
  EXPECT_TRUE(outage.end().empty());

  EXPECT_DOUBLE_EQ(outage.downtime().at("web"), 2.5);
  EXPECT_DOUBLE_EQ(outage.downtime().at("db"), 2.5);
}

TEST_F(OutageTest, SaysWhenAContainerDoesNotBecomeHealthy) {
  dockerapi::Container sick;
  sick.name = "sick";
  sick.state = ContainerState::Running;
  sick.health = dockerapi::Health::Unhealthy;
  sick.health_check = dockerapi::HealthCheck{};
  PlannedStop stop;
  stop.container = engine_.add_container(sick);
  stop.name = "sick";
  stop.service = "sick";
  stop.await_healthy = true;
  Outage outage(context(), {stop}, {});

  const auto failures = outage.end();

  ASSERT_EQ(failures.size(), 1U);
  EXPECT_TRUE(journal_.open_steps(job_).empty()) << "it is back, and nothing is left to do";
}

}  // namespace
}  // namespace controller
