// What only a real engine can show: its traps, each as our calls meet it.  Runs if
// COFFERDAM_TEST_ENGINE holds its DOCKER_HOST.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "dockerapi/endpoint.h"
#include "dockerapi/engine_json.h"
#include "dockerapi/event_feed.h"
#include "dockerapi/exec_run.h"
#include "dockerapi/plain_calls.h"
#include "tests/dockerapi/engine_world.h"

namespace dockerapi_test {
namespace {

using dockerapi::ContainerState;

const std::vector<std::string> kIdle = {"sleep", "1000"};

class EngineTraps : public testing::Test {
 protected:
  void SetUp() override {
    if (!real_engine()) {
      GTEST_SKIP() << "COFFERDAM_TEST_ENGINE is not set";
    }
    world_ = std::make_unique<EngineWorld>("http");
    calls_ = std::make_unique<dockerapi::PlainCalls>(
        dockerapi::endpoint_from([](const std::string& name) -> std::optional<std::string> {
          return name == "DOCKER_HOST" ? real_engine() : std::nullopt;
        }));
  }

  dockerapi::Engine& engine() { return world_->engine(); }
  EngineWorld& world() { return *world_; }

  /// A call that this product never makes.
  std::string raw(const std::string& method, const std::string& target, const std::string& body) {
    const auto answer = calls_->send({method, "/v1.41" + target, body});
    EXPECT_LT(answer.status, 300) << answer.body;
    return answer.body;
  }

  /// What busybox prints in a fresh container that mounts the volume at /v.
  std::string listing(const std::string& volume) {
    auto spec = world().spec("ls", {"ls", "-A", "/v"});
    spec.mounts = {{dockerapi::MountSpec::Kind::Volume, volume, "/v", true}};
    const auto id = world().created(spec);
    const auto stream = engine().attach(id, false);
    engine().start(id);
    auto output = drain(*stream).standard_output;
    engine().remove(id);
    return output;
  }

 private:
  std::unique_ptr<EngineWorld> world_;
  std::unique_ptr<dockerapi::PlainCalls> calls_;
};

// Where the plan looks for databases: a stopped container shows its volumes too, and a path
// through a file is no NotFound.
TEST_F(EngineTraps, LooksIntoVolumesOfWhatRunsAndWhatDoesNot) {
  const auto volume = world().volume("v");
  auto spec = world().spec("c", {"sh", "-c", "mkdir /v/data && echo 16 > /v/data/PG_VERSION"});
  spec.mounts = {{dockerapi::MountSpec::Kind::Volume, volume.name, "/v", false}};
  const auto ended = world().started(spec);
  engine().wait(ended);
  auto other = world().spec("running", kIdle);
  other.mounts = spec.mounts;
  const auto running = world().started(other);
  other.name = world().name("created");
  const auto created = world().created(other);

  for (const auto& id : {ended, running, created}) {
    const auto there = engine().stat_path(id, "/v/data/PG_VERSION");
    ASSERT_TRUE(there);
    EXPECT_EQ(there->size, 3);
    EXPECT_FALSE(engine().stat_path(id, "/v/PG_VERSION"));
    try {
      engine().stat_path(id, "/v/data/PG_VERSION/global");
      FAIL() << "a path below a file";
    } catch (const dockerapi::Error& error) {
      EXPECT_EQ(error.status(), 500) << error.what();
    }
  }
}

// A wait opened for the next exit would hang for ever.
TEST_F(EngineTraps, WaitsForNothingAfterAFailedStart) {
  auto spec = world().spec("c", {});
  spec.entrypoint = {"/no/such/program"};
  const auto id = world().created(spec);

  EXPECT_THROW(engine().start(id), dockerapi::Error);

  EXPECT_EQ(engine().wait(id), 127);
  EXPECT_EQ(engine().inspect(id).state, ContainerState::Created);
  EXPECT_NE(engine().inspect(id).state_error.find("no such file"), std::string::npos);
}

TEST_F(EngineTraps, KeepsNoLogOfWhatAHelperSays) {
  auto spec = world().spec("c", kIdle);
  spec.discard_logs = true;
  const auto id = world().created(spec);

  EXPECT_NE(
      raw("GET", "/containers/" + id.value + "/json", "").find(R"("LogConfig":{"Type":"none")"),
      std::string::npos);
}

TEST_F(EngineTraps, LeavesAnEmptyVolumeEmpty) {
  const auto ours = world().volume("ours");
  const auto theirs = world().volume("theirs");
  auto spec = world().spec("c", kIdle);
  spec.mounts = {{dockerapi::MountSpec::Kind::Volume, ours.name, "/data", true}};
  world().started(spec);
  // The same without NoCopy: even read-only, and even if never started.
  world().own_container({dockerapi::id_from_json(raw(
      "POST", "/containers/create",
      R"({"Image":"cofferdam-test/busybox:1","Entrypoint":["x"],"HostConfig":{"Mounts":[{"Type":)"
      R"("volume","Source":")" +
          theirs.name + R"(","Target":"/data","ReadOnly":true}]}})"))});

  EXPECT_EQ(listing(ours.name), "");
  EXPECT_EQ(listing(theirs.name), "from-image\n");
}

TEST_F(EngineTraps, FillsAnEmptyVolumeFromTheImageIfAsked) {
  const auto volume = world().volume("v");
  auto spec = world().spec("c", kIdle);
  spec.mounts = {{dockerapi::MountSpec::Kind::Volume, volume.name, "/data", false, true}};
  world().created(spec);

  EXPECT_EQ(listing(volume.name), "from-image\n");
}

// What an image's container gets of it, so that a container of another one is not given it.
TEST_F(EngineTraps, TellsWhatAnImageSets) {
  const auto id = engine().import_image(
      in_pieces(tar_of({{"hello", "world"}}), 100), "cofferdam-test/defaults", "1",
      {"ENTRYPOINT [\"/hello\"]", "CMD [\"a\",\"b\"]", "ENV A=1", "USER 5:6", "WORKDIR /w",
       "VOLUME /v", "HEALTHCHECK --interval=7s CMD /hello"});

  const auto image = engine().inspect_image(id);

  EXPECT_EQ(image.entrypoint, std::vector<std::string>{"/hello"});
  EXPECT_EQ(image.command, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(std::ranges::count(image.env, "A=1"), 1);
  EXPECT_EQ(image.user, "5:6");
  EXPECT_EQ(image.working_directory, "/w");
  EXPECT_EQ(image.declared_volumes, std::vector<std::string>{"/v"});
  ASSERT_TRUE(image.health_check);
  EXPECT_EQ(image.health_check->interval, std::chrono::seconds(7));
  EXPECT_EQ(image.health_check->test, (std::vector<std::string>{"CMD-SHELL", "/hello"}));
}

TEST_F(EngineTraps, LosesAnonymousVolumesWithAnAutoRemovedContainer) {
  const dockerapi::ContainerId id{dockerapi::id_from_json(raw(
      "POST", "/containers/create?name=" + world().name("c"),
      R"({"Image":"cofferdam-test/busybox:1","Entrypoint":["/bin/busybox"],"Cmd":["sleep","1000"],)"
      R"("Volumes":{"/a":{}},"HostConfig":{"AutoRemove":true,"NetworkMode":"none"}})"))};
  world().own_container(id);
  engine().start(id);
  const auto seen = engine().inspect(id);
  ASSERT_EQ(seen.mounts.size(), 1U);
  EXPECT_TRUE(seen.auto_remove);

  engine().stop(id, std::chrono::seconds(0));
  engine().remove(id);

  EXPECT_THROW(engine().inspect(id), dockerapi::NotFound);
  EXPECT_THROW(engine().inspect_volume(seen.mounts[0].name), dockerapi::NotFound);
}

// A signal that is not the container's own stop signal is an accident to its restart policy; but
// only if a stop signal is set: without one, any signal counts as a stop.
TEST_F(EngineTraps, SeesAContainerComeBackAfterAForeignSignal) {
  const dockerapi::ContainerId id{dockerapi::id_from_json(
      raw("POST", "/containers/create?name=" + world().name("c"),
          R"({"Image":"cofferdam-test/busybox:1","Entrypoint":["/bin/busybox"],"Cmd":["sh","-c",)"
          R"("trap 'exit 1' USR1; echo ready; while :; do /bin/busybox sleep 0.1; done"],)"
          R"("StopSignal":"SIGTERM","Labels":{"cofferdam-test":")" +
              world().label().at("cofferdam-test") +
              R"("},"HostConfig":{"NetworkMode":"none","RestartPolicy":{"Name":"always"}}})"))};
  world().own_container(id);
  dockerapi::EventFeed feed(engine(), {{"container"}, {"start"}, world().label()});
  const auto stream = engine().attach(id, false);
  engine().start(id);
  ASSERT_TRUE(feed.next());
  ASSERT_TRUE(stream->read());
  const auto before = engine().inspect(id).started_at;

  raw("POST", "/containers/" + id.value + "/kill?signal=USR1", "");
  ASSERT_TRUE(feed.next());

  const auto after = engine().inspect(id);
  EXPECT_EQ(after.restart_count, 1);
  EXPECT_NE(after.started_at, before);
}

TEST_F(EngineTraps, DoesNotSeeItComeBackAfterAStop) {
  auto spec = world().spec("c", kIdle);
  spec.restart_policy.name = "always";
  const auto id = world().started(spec);

  engine().stop(id, std::chrono::seconds(0));

  EXPECT_EQ(engine().inspect(id).state, ContainerState::Exited);
  EXPECT_EQ(engine().inspect(id).restart_count, 0);
}

// Of a stopped container the engine still tells the last health.
TEST_F(EngineTraps, SeesAStaleHealthOfAStoppedContainer) {
  const dockerapi::ContainerId id{dockerapi::id_from_json(raw(
      "POST", "/containers/create?name=" + world().name("c"),
      R"({"Image":"cofferdam-test/busybox:1","Entrypoint":["/bin/busybox"],"Cmd":["sleep","1000"],)"
      R"("Labels":{"cofferdam-test":")" +
          world().label().at("cofferdam-test") +
          R"("},"HostConfig":{"NetworkMode":"none"},"Healthcheck":{"Test":["CMD","/bin/busybox","false"],)"
          R"("Interval":50000000,"Retries":1}})"))};
  world().own_container(id);
  dockerapi::EventFeed feed(engine(), {{"container"}, {"health_status"}, world().label()});
  engine().start(id);
  const auto sick = feed.next();
  ASSERT_TRUE(sick);
  EXPECT_EQ(sick->action, "health_status: unhealthy");
  EXPECT_EQ(engine().inspect(id).health_check->interval, std::chrono::milliseconds(50));

  engine().stop(id, std::chrono::seconds(0));

  EXPECT_EQ(engine().inspect(id).state, ContainerState::Exited);
  EXPECT_EQ(engine().inspect(id).health, dockerapi::Health::Unhealthy);
}

// The guest of a network is dead once its owner was started anew: its id stays, its world is gone.
TEST_F(EngineTraps, LeavesGuestsOfANetworkToTheirFate) {
  const auto owner = world().started(world().spec("owner", kIdle));
  auto spec = world().spec("guest", kIdle);
  spec.network_mode = "container:" + owner.value;
  const auto guest = world().started(spec);
  const auto network = [&](const dockerapi::ContainerId& id) {
    return dockerapi::run_exec(
               engine(), id, {{kBusybox, "readlink", "/proc/1/ns/net"}, {}, "", "", false}, "", 100)
        .standard_output;
  };
  EXPECT_EQ(network(guest), network(owner));

  engine().stop(owner, std::chrono::seconds(0));
  EXPECT_EQ(engine().inspect(guest).state, ContainerState::Running);
  engine().start(owner);

  EXPECT_NE(network(guest), network(owner));
}

// The engine answers while the upload still runs.
TEST_F(EngineTraps, HearsWhyAnUploadIsRefused) {
  const std::string garbage(20'000'000, 'x');

  try {
    engine().import_image(in_pieces(garbage, 1'000'000), "Not/A/Name", "1", {});
    ADD_FAILURE() << "the name is impossible";
  } catch (const dockerapi::Unreachable& error) {
    ADD_FAILURE() << error.what();
  } catch (const dockerapi::Error& error) {
    EXPECT_NE(std::string(error.what()).find("lowercase"), std::string::npos) << error.what();
  }
}

TEST_F(EngineTraps, BlocksAProducerThatNobodyReads) {
  auto spec = world().spec("c", {"dd", "if=/dev/zero", "bs=1M", "count=64"});
  spec.discard_logs = true;
  const auto id = world().created(spec);
  const auto stream = engine().attach(id, false);
  engine().start(id);
  ASSERT_TRUE(stream->read());

  // Nothing is read meanwhile: it cannot come to its end.
  EXPECT_EQ(engine().inspect(id).state, ContainerState::Running);
  std::size_t bytes = 0;
  while (const auto chunk = stream->read()) {
    bytes += chunk->channel == dockerapi::Channel::Stdout ? chunk->bytes.size() : 0;
  }

  EXPECT_GT(bytes, std::size_t{60} << 20U);
  EXPECT_EQ(engine().wait(id), 0);
}

TEST_F(EngineTraps, LooksIntoAContainerThatNeverRan) {
  const auto id = world().created(world().spec("c", kIdle));

  const auto there = engine().stat_path(id, "/data/from-image");
  const auto folder = engine().stat_path(id, "/data");

  ASSERT_TRUE(there);
  EXPECT_EQ(there->name, "from-image");
  EXPECT_EQ(there->size, 1);
  EXPECT_EQ(there->kind, dockerapi::PathStat::Kind::File);
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->kind, dockerapi::PathStat::Kind::Directory);
  EXPECT_FALSE(engine().stat_path(id, "/data/absent"));
}

TEST_F(EngineTraps, DropsTheCapabilitiesOfAHelper) {
  auto spec = world().spec("c", {"grep", "CapEff", "/proc/self/status"});
  spec.user = "0:0";
  spec.drop_capabilities = {"ALL"};
  spec.add_capabilities = {"DAC_READ_SEARCH"};
  spec.security_options = {"no-new-privileges"};
  spec.read_only_root = true;
  spec.memory_bytes = 256 << 20U;
  spec.pids_limit = 64;
  const auto id = world().created(spec);
  const auto stream = engine().attach(id, false);
  engine().start(id);

  EXPECT_EQ(drain(*stream).standard_output, "CapEff:\t0000000000000004\n");
}

TEST_F(EngineTraps, ServesManyThreadsAtOnce) {
  const auto id = world().started(world().spec("c", kIdle));
  std::vector<std::jthread> threads;
  std::atomic<int> good{0};

  for (int each = 0; each < 8; ++each) {
    threads.emplace_back([&] {
      for (int time = 0; time < 10; ++time) {
        good += engine().inspect(id).id == id ? 1 : 0;
      }
    });
  }
  threads.clear();

  EXPECT_EQ(good, 80);
}

}  // namespace
}  // namespace dockerapi_test
