// What survives a restart of dockerd.  Runs alone, on the engine that COFFERDAM_TEST_ENGINE names
// and that scripts/engine started.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "dockerapi/event_feed.h"
#include "tests/dockerapi/engine_world.h"

namespace dockerapi_test {
namespace {

using dockerapi::ContainerState;

/// "unix:///…/engines/NAME/docker.sock" → NAME
std::string engine_name() {
  return std::filesystem::path(real_engine().value()).parent_path().filename();
}

class EngineRestart : public testing::Test {
 protected:
  void SetUp() override {
    if (!real_engine()) {
      GTEST_SKIP() << "COFFERDAM_TEST_ENGINE is not set";
    }
    world_ = std::make_unique<EngineWorld>("http");
  }

  dockerapi::Engine& engine() { return world_->engine(); }
  EngineWorld& world() { return *world_; }

  static void restart_engine() {
    const std::string command = std::string(COFFERDAM_SCRIPTS) + "/engine restart " + engine_name();
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

 private:
  std::unique_ptr<EngineWorld> world_;
};

// FakeEngine::restart_engine() promises the same.
TEST_F(EngineRestart, FollowsEveryRestartPolicy) {
  const std::map<std::string, ContainerState> expected = {
      {"always", ContainerState::Running},
      {"on-failure", ContainerState::Running},
      {"unless-stopped", ContainerState::Exited},
      {"no", ContainerState::Exited}};
  std::map<std::string, dockerapi::ContainerId> stopped;
  std::map<std::string, dockerapi::ContainerId> running;
  for (const auto& [policy, state] : expected) {
    auto spec = world().spec("stopped-" + policy, {"sleep", "1000"});
    spec.restart_policy.name = policy;
    stopped[policy] = world().started(spec);
    engine().stop(stopped[policy], std::chrono::seconds(0));
    spec.name = world().name("running-" + policy);
    running[policy] = world().started(spec);
  }
  auto spec = world().spec("held", {"sleep", "1000"});
  spec.restart_policy.name = "always";
  const auto held = world().started(spec);
  engine().stop(held, std::chrono::seconds(0));
  engine().set_restart_policy(held, {"no", 0});

  restart_engine();

  for (const auto& [policy, state] : expected) {
    EXPECT_EQ(engine().inspect(stopped[policy]).state, state) << policy;
    EXPECT_EQ(engine().inspect(running[policy]).state,
              policy == "no" ? ContainerState::Exited : ContainerState::Running)
        << policy;
  }
  EXPECT_EQ(engine().inspect(held).state, ContainerState::Exited);
}

TEST_F(EngineRestart, IsSurvivedByAnEventFeed) {
  dockerapi::EventFeed feed(engine(), {{"container"}, {"start"}, world().label()});
  const auto id = world().started(world().spec("c", {"sleep", "1000"}));
  ASSERT_TRUE(feed.next());

  restart_engine();
  engine().start(id);

  const auto again = feed.next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, id.value);
  EXPECT_EQ(feed.reconnects(), 1);
}

TEST_F(EngineRestart, EndsAStream) {
  const auto id = world().created(world().spec("c", {"sleep", "1000"}));
  const auto stream = engine().attach(id, false);
  engine().start(id);

  restart_engine();

  EXPECT_FALSE(stream->read());
  EXPECT_EQ(engine().inspect(id).state, ContainerState::Exited);
}

}  // namespace
}  // namespace dockerapi_test
