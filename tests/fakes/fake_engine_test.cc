#include "tests/fakes/fake_engine.h"

#include <gtest/gtest.h>

#include "tests/fakes/faulty_engine.h"

// What only the fakes can do; what they share with a real engine is in
// tests/dockerapi/engine_contract_test.cc.
namespace fakes {
namespace {

using dockerapi::ContainerState;

dockerapi::Container running(const std::string& name) {
  dockerapi::Container container;
  container.name = name;
  container.image = "app:1";
  container.state = ContainerState::Running;
  return container;
}

TEST(FakeEngine, LogsCallsByContainerName) {
  FakeEngine engine;
  const auto web = engine.add_container(running("web"));
  const auto db = engine.add_container(running("db"));

  engine.stop(web, std::nullopt);
  engine.stop(db, std::nullopt);
  engine.start(db);

  EXPECT_EQ(engine.log(), (Log{"stop web", "stop db", "start db"}));
}

TEST(FakeEngine, ChangesStartedAtOnEveryStart) {
  FakeEngine engine;
  const auto web = engine.add_container(running("web"));
  const auto before = engine.inspect(web).started_at;

  engine.stop(web, std::nullopt);
  engine.start(web);

  EXPECT_NE(engine.inspect(web).started_at, before);
}

struct PolicyCase {
  std::string policy;
  bool stopped_by_hand;
  ContainerState afterwards;
};

class EngineRestart : public testing::TestWithParam<PolicyCase> {};

TEST_P(EngineRestart, FollowsTheRestartPolicy) {
  FakeEngine engine;
  auto container = running("web");
  container.restart_policy.name = GetParam().policy;
  const auto id = engine.add_container(container);
  if (GetParam().stopped_by_hand) {
    engine.stop(id, std::nullopt);
  }

  engine.restart_engine();

  EXPECT_EQ(engine.inspect(id).state, GetParam().afterwards);
}

INSTANTIATE_TEST_SUITE_P(Policies, EngineRestart,
                         testing::Values(PolicyCase{"always", true, ContainerState::Running},
                                         PolicyCase{"on-failure", true, ContainerState::Running},
                                         PolicyCase{"unless-stopped", true, ContainerState::Exited},
                                         PolicyCase{"no", true, ContainerState::Exited},
                                         PolicyCase{"unless-stopped", false,
                                                    ContainerState::Running},
                                         PolicyCase{"no", false, ContainerState::Exited}));

TEST(FakeEngine, TalksInLinesWithAScriptedContainer) {
  FakeEngine engine;
  engine.add_image({"", {"agent:1"}, {}, "", "", {}});
  engine.on_start("agent:1", [](Process& process) {
    while (const auto line = process.read_line()) {
      process.write_stdout("got " + *line + "\n");
    }
    return 7;
  });
  dockerapi::ContainerSpec spec;
  spec.name = "helper";
  spec.image = "agent:1";
  spec.open_stdin = true;
  const auto id = engine.create(spec);
  const auto stream = engine.attach(id, true);
  engine.start(id);

  stream->write("one\n");
  EXPECT_EQ(stream->read()->bytes, "got one\n");
  stream->write("two\n");
  EXPECT_EQ(stream->read()->bytes, "got two\n");
  stream->close_stdin();

  EXPECT_FALSE(stream->read());
  EXPECT_EQ(engine.wait(id), 7);
}

TEST(FakeEngine, KillsAScriptedContainerThatWaitsForInput) {
  FakeEngine engine;
  engine.add_image({"", {"agent:1"}, {}, "", "", {}});
  engine.on_start("agent:1", [](Process& process) { return process.read_line() ? 0 : 1; });
  dockerapi::ContainerSpec spec;
  spec.name = "helper";
  spec.image = "agent:1";
  spec.open_stdin = true;
  const auto id = engine.create(spec);
  const auto stream = engine.attach(id, true);
  engine.start(id);

  engine.kill(id);

  EXPECT_FALSE(stream->read());
  EXPECT_EQ(engine.wait(id), 137);
}

TEST(FakeEngine, RefusesOrLosesOneCallOnly) {
  FakeEngine engine;
  const auto web = engine.add_container(running("web"));
  engine.lose_answer("stop web");
  engine.refuse("start web");

  EXPECT_THROW(engine.stop(web, std::nullopt), dockerapi::Unreachable);
  EXPECT_EQ(engine.inspect(web).state, ContainerState::Exited);
  EXPECT_THROW(engine.start(web), dockerapi::Error);
  EXPECT_EQ(engine.inspect(web).state, ContainerState::Exited);
  engine.start(web);

  EXPECT_EQ(engine.inspect(web).state, ContainerState::Running);
}

TEST(FakeEngine, BreaksStreamsAndSubscriptionsWhenUnreachable) {
  FakeEngine engine;
  const auto web = engine.add_container(running("web"));
  const auto stream = engine.attach(web, false);
  const auto events = engine.events({}, 0);

  engine.set_reachable(false);

  EXPECT_THROW(stream->read(), dockerapi::Unreachable);
  EXPECT_FALSE(events->next());
  EXPECT_THROW(engine.inspect(web), dockerapi::Unreachable);
  engine.set_reachable(true);
  EXPECT_EQ(engine.inspect(web).state, ContainerState::Running);
}

TEST(FakeEngine, BringsBackACrashedContainerWithAPolicy) {
  FakeEngine engine;
  auto container = running("web");
  container.restart_policy.name = "always";
  const auto web = engine.add_container(container);
  const auto before = engine.inspect(web).started_at;

  engine.crash(web, 1);

  EXPECT_EQ(engine.inspect(web).state, ContainerState::Running);
  EXPECT_EQ(engine.inspect(web).restart_count, 1);
  EXPECT_NE(engine.inspect(web).started_at, before);
}

TEST(FaultyEngine, FailsTheCallBeforeItsEffect) {
  FakeEngine engine;
  const auto web = engine.add_container(running("web"));
  FaultyEngine faulty(engine);
  faulty.fail_at(2, When::Before);

  faulty.inspect(web);
  EXPECT_THROW(faulty.stop(web, std::nullopt), dockerapi::Unreachable);

  EXPECT_EQ(engine.inspect(web).state, ContainerState::Running);
  EXPECT_EQ(faulty.calls(), 2);
  EXPECT_EQ(faulty.call(2), "stop");
}

TEST(FaultyEngine, LosesTheAnswerAfterTheEffect) {
  FakeEngine engine;
  const auto web = engine.add_container(running("web"));
  FaultyEngine faulty(engine);
  faulty.fail_at(1, When::After);

  EXPECT_THROW(faulty.stop(web, std::nullopt), dockerapi::Unreachable);

  EXPECT_EQ(faulty.inspect(web).state, ContainerState::Exited);
}

TEST(FaultyEngine, StaysUnreachableUntilHealed) {
  FakeEngine engine;
  FaultyEngine faulty(engine);
  faulty.fail_from(1);

  EXPECT_THROW(faulty.version(), dockerapi::Unreachable);
  EXPECT_THROW(faulty.version(), dockerapi::Unreachable);
  faulty.heal();

  EXPECT_EQ(faulty.version().os, "linux");
}

TEST(FaultyEngine, LetsSomethingHappenBeforeACall) {
  FakeEngine engine;
  const auto web = engine.add_container(running("web"));
  FaultyEngine faulty(engine);
  faulty.happen_at(2, [&] { engine.crash(web, 1); });

  EXPECT_EQ(faulty.inspect(web).state, ContainerState::Running);
  EXPECT_EQ(faulty.inspect(web).state, ContainerState::Exited);
}

}  // namespace
}  // namespace fakes
