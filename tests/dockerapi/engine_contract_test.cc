// What every Engine promises.  Runs on FakeEngine always, and on a real engine if
// COFFERDAM_TEST_ENGINE holds its DOCKER_HOST.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "dockerapi/exec_run.h"
#include "tests/dockerapi/engine_world.h"

namespace dockerapi_test {
namespace {

using dockerapi::Conflict;
using dockerapi::ContainerState;
using dockerapi::NotFound;

const std::vector<std::string> kIdle = {"sleep", "1000"};

class EngineContract : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "http" && !real_engine()) {
      GTEST_SKIP() << "COFFERDAM_TEST_ENGINE is not set";
    }
    world_ = std::make_unique<EngineWorld>(GetParam());
  }

  dockerapi::Engine& engine() { return world_->engine(); }
  EngineWorld& world() { return *world_; }
  ContainerState state(const dockerapi::ContainerId& id) { return engine().inspect(id).state; }

 private:
  std::unique_ptr<EngineWorld> world_;
};

INSTANTIATE_TEST_SUITE_P(Engines, EngineContract, testing::Values("fake", "http"),
                         [](const auto& which) { return which.param; });

TEST_P(EngineContract, TellsTheVersionItSpeaks) {
  const auto version = engine().version();

  EXPECT_EQ(version.os, "linux");
  EXPECT_FALSE(version.engine.empty());
  EXPECT_TRUE(version.api.starts_with("1.4"));
}

TEST_P(EngineContract, InspectsWhatWasCreated) {
  const auto volume = world().volume("v");
  auto spec = world().spec("c", kIdle);
  spec.env = {"A=1", "B=two words"};
  spec.user = "0:0";
  spec.hostname = "somewhere";
  spec.stop_timeout = std::chrono::seconds(3);
  spec.restart_policy = {"on-failure", 4};
  spec.mounts = {{dockerapi::MountSpec::Kind::Volume, volume.name, "/v/0", false},
                 {dockerapi::MountSpec::Kind::Bind, "/tmp", "/v/1", true}};

  const auto seen = engine().inspect(world().created(spec));

  EXPECT_EQ(seen.name, spec.name);
  EXPECT_EQ(seen.image, kTinyImage);
  EXPECT_TRUE(seen.image_id.starts_with("sha256:"));
  EXPECT_EQ(seen.id.value.size(), 64U);
  EXPECT_EQ(seen.state, ContainerState::Created);
  EXPECT_EQ(seen.started_at, "0001-01-01T00:00:00Z");
  EXPECT_EQ(dockerapi::env_value(seen, "B"), "two words");
  EXPECT_EQ(seen.command, kIdle);
  EXPECT_EQ(seen.entrypoint, std::vector<std::string>{kBusybox});
  EXPECT_EQ(seen.user, "0:0");
  EXPECT_EQ(seen.hostname, "somewhere");
  EXPECT_EQ(seen.stop_timeout, std::chrono::seconds(3));
  EXPECT_EQ(seen.restart_policy, spec.restart_policy);
  EXPECT_EQ(seen.network_mode, "none");
  EXPECT_EQ(seen.labels.at("tiny"), "yes") << "labels of the image are the container's too";
  EXPECT_FALSE(seen.health_check);
  ASSERT_EQ(seen.mounts.size(), 2U);
  const auto of_volume =
      std::find_if(seen.mounts.begin(), seen.mounts.end(),
                   [](const auto& mount) { return mount.destination == "/v/0"; });
  ASSERT_NE(of_volume, seen.mounts.end());
  EXPECT_EQ(of_volume->kind, dockerapi::Mount::Kind::Volume);
  EXPECT_EQ(of_volume->name, volume.name);
  EXPECT_EQ(of_volume->source, volume.mountpoint);
  EXPECT_TRUE(of_volume->writable);
}

TEST_P(EngineContract, GivesAContainerWhatItIsAllowed) {
  auto spec = world().spec("c", kIdle);
  spec.allowance.working_directory = "/data";
  spec.allowance.groups = {"27"};
  spec.allowance.shm_bytes = std::int64_t{1} << 20;
  spec.allowance.ulimits = {{"nofile", 100, 200}};
  spec.allowance.sysctls = {{"net.ipv4.ip_unprivileged_port_start", "0"}};
  spec.allowance.tmpfs = {{"/scratch", "size=1m"}};
  spec.stop_signal = "SIGINT";
  spec.drop_capabilities = {"ALL"};
  spec.add_capabilities = {"CHOWN"};
  spec.read_only_root = true;
  spec.open_stdin = true;
  spec.memory_bytes = std::int64_t{64} << 20;
  spec.log_bytes = 1 << 20;
  spec.health_check = dockerapi::HealthCheck{std::chrono::seconds(1000),
                                             std::chrono::seconds(3),
                                             std::chrono::seconds(0),
                                             5,
                                             {"CMD", kBusybox, "true"}};

  const auto id = world().started(spec);

  const auto seen = engine().inspect(id);
  EXPECT_EQ(seen.allowance, spec.allowance);
  EXPECT_EQ(seen.tmpfs, std::vector<std::string>{"/scratch"});
  EXPECT_EQ(seen.stop_signal, "SIGINT");
  EXPECT_EQ(seen.added_capabilities, spec.add_capabilities);
  EXPECT_EQ(seen.dropped_capabilities, spec.drop_capabilities);
  EXPECT_TRUE(seen.read_only_root);
  EXPECT_TRUE(seen.open_stdin);
  EXPECT_FALSE(seen.privileged);
  EXPECT_EQ(seen.memory_bytes, spec.memory_bytes);
  EXPECT_EQ(seen.health_check, spec.health_check);
  EXPECT_EQ(seen.health, dockerapi::Health::Starting);
}

TEST_P(EngineContract, KnowsAContainerByFurtherNamesInItsNetwork) {
  const auto network = world().network("n");
  auto spec = world().spec("c", kIdle);
  spec.network_mode = network.name;
  spec.aliases = {"web", "www"};

  const auto seen = engine().inspect(world().created(spec));

  EXPECT_EQ(seen.networks, std::vector{network.name});
  const auto& names = seen.aliases.at(network.name);
  EXPECT_TRUE(std::ranges::count(names, "web") == 1 && std::ranges::count(names, "www") == 1);
}

TEST_P(EngineContract, FindsAContainerByNameToo) {
  const auto spec = world().spec("c", kIdle);
  const auto id = world().created(spec);

  EXPECT_EQ(engine().inspect({spec.name}).id, id);
}

TEST_P(EngineContract, RefusesATakenName) {
  const auto spec = world().spec("c", kIdle);
  world().created(spec);

  EXPECT_THROW(engine().create(spec), Conflict);
}

TEST_P(EngineContract, RefusesAMissingImage) {
  auto spec = world().spec("c", kIdle);
  spec.image = "cofferdam-test/absent:1";

  EXPECT_THROW(engine().create(spec), NotFound);
}

// Trap: the engine itself would make the volume.
TEST_P(EngineContract, RefusesAMissingVolumeAndDoesNotMakeIt) {
  auto spec = world().spec("c", kIdle);
  spec.mounts = {{dockerapi::MountSpec::Kind::Volume, world().name("absent"), "/v", true}};

  EXPECT_THROW(engine().create(spec), NotFound);

  EXPECT_THROW(engine().inspect_volume(world().name("absent")), NotFound);
  EXPECT_THROW(engine().inspect({spec.name}), NotFound);
}

TEST_P(EngineContract, StartsOnceHoweverOftenAsked) {
  const auto id = world().started(world().spec("c", kIdle));
  const auto first = engine().inspect(id);

  engine().start(id);

  EXPECT_EQ(first.state, ContainerState::Running);
  EXPECT_EQ(engine().inspect(id).started_at, first.started_at);
}

TEST_P(EngineContract, StopsOnceHoweverOftenAsked) {
  const auto id = world().started(world().spec("c", kIdle));

  engine().stop(id, std::chrono::seconds(0));
  engine().stop(id, std::nullopt);

  EXPECT_EQ(state(id), ContainerState::Exited);
  EXPECT_EQ(engine().inspect(id).exit_code, 137);
}

TEST_P(EngineContract, ChangesStartedAtWithEveryStart) {
  const auto id = world().started(world().spec("c", kIdle));
  const auto first = engine().inspect(id).started_at;

  engine().stop(id, std::nullopt);
  EXPECT_EQ(engine().inspect(id).started_at, first);
  engine().start(id);

  EXPECT_NE(engine().inspect(id).started_at, first);
}

TEST_P(EngineContract, PausesAndUnpausesOnceHoweverOftenAsked) {
  const auto id = world().started(world().spec("c", kIdle));

  engine().pause(id);
  engine().pause(id);
  EXPECT_EQ(state(id), ContainerState::Paused);
  engine().unpause(id);
  engine().unpause(id);

  EXPECT_EQ(state(id), ContainerState::Running);
}

TEST_P(EngineContract, RefusesToPauseWhatDoesNotRun) {
  const auto id = world().created(world().spec("c", kIdle));

  EXPECT_THROW(engine().pause(id), Conflict);
  EXPECT_THROW(engine().unpause(id), dockerapi::Error);
}

TEST_P(EngineContract, RefusesToStartOrExecWhatIsPaused) {
  const auto id = world().started(world().spec("c", kIdle));
  engine().pause(id);

  EXPECT_THROW(engine().start(id), Conflict);
  EXPECT_THROW(engine().exec(id, {{kBusybox, "true"}, {}, "", "", false}), Conflict);
}

TEST_P(EngineContract, StopsWhatIsPaused) {
  const auto id = world().started(world().spec("c", kIdle));
  engine().pause(id);

  engine().stop(id, std::chrono::seconds(0));

  EXPECT_EQ(state(id), ContainerState::Exited);
}

TEST_P(EngineContract, KillsAndTellsTheExitCode) {
  const auto id = world().started(world().spec("c", kIdle));

  engine().kill(id);
  engine().kill(id);

  EXPECT_EQ(engine().wait(id), 137);
}

TEST_P(EngineContract, WaitsForTheEnd) {
  const auto id = world().started(world().spec("c", {"sh", "-c", "exit 3"}));

  EXPECT_EQ(engine().wait(id), 3);
  EXPECT_EQ(state(id), ContainerState::Exited);
}

TEST_P(EngineContract, RemovesWhatRunsButNotItsVolumes) {
  const auto volume = world().volume("v");
  auto spec = world().spec("c", kIdle);
  spec.mounts = {{dockerapi::MountSpec::Kind::Volume, volume.name, "/v", false}};
  const auto id = world().started(spec);

  engine().remove(id);
  engine().remove(id);

  EXPECT_THROW(engine().inspect(id), NotFound);
  EXPECT_EQ(engine().inspect_volume(volume.name).name, volume.name);
}

TEST_P(EngineContract, SaysThatAContainerIsNotThere) {
  const dockerapi::ContainerId nobody{world().name("nobody")};

  EXPECT_THROW(engine().inspect(nobody), NotFound);
  EXPECT_THROW(engine().start(nobody), NotFound);
  EXPECT_THROW(engine().stop(nobody, std::nullopt), NotFound);
  EXPECT_THROW(engine().pause(nobody), NotFound);
  EXPECT_THROW(engine().unpause(nobody), NotFound);
  EXPECT_THROW(engine().kill(nobody), NotFound);
  EXPECT_THROW(engine().wait(nobody), NotFound);
  EXPECT_THROW(engine().set_restart_policy(nobody, {"no", 0}), NotFound);
  EXPECT_THROW(engine().attach(nobody, false), NotFound);
  EXPECT_THROW(engine().exec(nobody, {{"x"}, {}, "", "", false}), NotFound);
  EXPECT_FALSE(engine().stat_path(nobody, "/"));
  EXPECT_THROW(engine().inspect_exec("nobody"), NotFound);
  EXPECT_THROW(engine().inspect_image("cofferdam-test/nobody:1"), NotFound);
  EXPECT_THROW(engine().inspect_volume(nobody.value), NotFound);
}

TEST_P(EngineContract, ChangesTheRestartPolicy) {
  auto spec = world().spec("c", kIdle);
  spec.restart_policy.name = "always";
  const auto id = world().started(spec);

  engine().set_restart_policy(id, {"no", 0});
  EXPECT_EQ(engine().inspect(id).restart_policy, (dockerapi::RestartPolicy{"no", 0}));
  engine().set_restart_policy(id, {"on-failure", 2});

  EXPECT_EQ(engine().inspect(id).restart_policy, (dockerapi::RestartPolicy{"on-failure", 2}));
}

TEST_P(EngineContract, ListsOldestFirstWhatMatches) {
  const auto volume = world().volume("v");
  auto with_volume = world().spec("b", kIdle);
  with_volume.mounts = {{dockerapi::MountSpec::Kind::Volume, volume.name, "/v", false}};
  const auto first = world().created(world().spec("a", kIdle));
  const auto second = world().started(with_volume);
  const auto third = world().created(world().spec("c", kIdle));

  const auto all = engine().containers({world().label(), ""});
  const auto users = engine().containers({{}, volume.name});
  const auto any_value = engine().containers({{{"cofferdam-test", ""}}, volume.name});
  const auto none = engine().containers({{{"cofferdam-test", "other"}}, ""});

  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].id, first);
  EXPECT_EQ(all[1].id, second);
  EXPECT_EQ(all[2].id, third);
  EXPECT_EQ(all[1].state, ContainerState::Running);
  ASSERT_EQ(users.size(), 1U);
  EXPECT_EQ(users[0].id, second);
  EXPECT_EQ(any_value.size(), 1U);
  EXPECT_TRUE(none.empty());
}

TEST_P(EngineContract, TalksOverAnAttachedStream) {
  auto spec = world().spec("c", {"cat"});
  spec.open_stdin = true;
  spec.discard_logs = true;
  const auto id = world().created(spec);
  const auto stream = engine().attach(id, true);
  engine().start(id);

  stream->write("one\n");
  const auto echo = stream->read();
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->bytes, "one\n");
  stream->write("two\n");
  stream->close_stdin();

  EXPECT_EQ(drain(*stream).standard_output, "two\n");
  EXPECT_EQ(engine().wait(id), 0);
}

TEST_P(EngineContract, KeepsStdoutAndStderrApart) {
  const auto id = world().created(world().spec("c", {"sh", "-c", "echo out; echo err >&2"}));
  const auto stream = engine().attach(id, false);
  engine().start(id);

  const auto output = drain(*stream);

  EXPECT_EQ(output.standard_output, "out\n");
  EXPECT_EQ(output.standard_error, "err\n");
}

TEST_P(EngineContract, CarriesMegabytesBothWays) {
  auto spec = world().spec("c", {"cat"});
  spec.open_stdin = true;
  spec.discard_logs = true;
  const auto id = world().created(spec);
  const auto stream = engine().attach(id, true);
  engine().start(id);
  std::string bytes;
  for (int line = 0; bytes.size() < (4U << 20U); ++line) {
    bytes += "line " + std::to_string(line) + "\n";
  }

  std::thread feeder([&] {
    stream->write(bytes);
    stream->close_stdin();
  });
  const auto output = drain(*stream);
  feeder.join();

  EXPECT_TRUE(output.standard_output == bytes) << output.standard_output.size() << " bytes came";
}

// Trap: whoever reads stdin sees a clean end, and exit code 0 proves nothing.
TEST_P(EngineContract, ShowsTheProcessAnEndOfInputWhenItsClientGoes) {
  auto spec = world().spec("c", {"cat"});
  spec.open_stdin = true;
  const auto id = world().created(spec);
  auto stream = engine().attach(id, true);
  engine().start(id);
  stream->write("half a mess");

  stream.reset();

  EXPECT_EQ(engine().wait(id), 0);
}

TEST_P(EngineContract, CancelsABlockedRead) {
  const auto id = world().created(world().spec("c", kIdle));
  const auto stream = engine().attach(id, false);
  engine().start(id);

  std::thread canceller([&] { stream->cancel(); });

  EXPECT_THROW(stream->read(), dockerapi::Cancelled);
  canceller.join();
  EXPECT_THROW(stream->read(), dockerapi::Cancelled);
  EXPECT_EQ(state(id), ContainerState::Running);
}

TEST_P(EngineContract, EndsTheStreamOfAKilledContainer) {
  const auto id = world().created(world().spec("c", kIdle));
  const auto stream = engine().attach(id, false);
  engine().start(id);

  engine().kill(id);

  EXPECT_FALSE(stream->read());
}

TEST_P(EngineContract, RunsACommandInAContainer) {
  const auto id = world().started(world().spec("c", kIdle));

  const auto exec = engine().exec(
      id, {{kBusybox, "sh", "-c", "echo out; echo err >&2; exit 3"}, {}, "", "", false});
  const auto output = drain(*exec.stream);

  EXPECT_EQ(output.standard_output, "out\n");
  EXPECT_EQ(output.standard_error, "err\n");
  const auto end = engine().inspect_exec(exec.id);
  EXPECT_FALSE(end.running);
  EXPECT_EQ(end.exit_code, 3);
}

TEST_P(EngineContract, CollectsTheOutputOfACommand) {
  const auto id = world().started(world().spec("c", kIdle));

  const auto answer = dockerapi::run_exec(engine(), id, {{kBusybox, "cat"}, {}, "", "", true},
                                          "some\nlines\n", 1000);
  const auto cut =
      dockerapi::run_exec(engine(), id, {{kBusybox, "cat"}, {}, "", "", true}, "some\nlines\n", 7);

  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.standard_output, "some\nlines\n");
  EXPECT_FALSE(answer.cut_off);
  EXPECT_EQ(cut.standard_output, "some\nli");
  EXPECT_TRUE(cut.cut_off);
}

TEST_P(EngineContract, RunsACommandThatLeavesItsInputUnread) {
  const auto id = world().started(world().spec("c", kIdle));

  const auto answer = dockerapi::run_exec(engine(), id, {{kBusybox, "true"}, {}, "", "", true},
                                          std::string(8U << 20U, 'x'), 1000);

  EXPECT_EQ(answer.exit_code, 0);
}

// Trap: the engine's complaint comes on stdout and looks like data.
TEST_P(EngineContract, NeverTakesTheComplaintOfAFailedExecForOutput) {
  const auto id = world().started(world().spec("c", kIdle));

  const auto exec = engine().exec(id, {{"/no/such/program"}, {}, "", "", false});
  const auto output = drain(*exec.stream);
  const auto code = engine().inspect_exec(exec.id).exit_code;

  EXPECT_NE(output.standard_output.find("/no/such/program"), std::string::npos);
  EXPECT_TRUE(code == 126 || code == 127) << *code;
  EXPECT_THROW(dockerapi::run_exec(engine(), id, {{"/no/such/program"}, {}, "", "", false}, "", 99),
               dockerapi::Error);
}

TEST_P(EngineContract, RefusesToExecInWhatDoesNotRun) {
  const auto id = world().created(world().spec("c", kIdle));

  EXPECT_THROW(engine().exec(id, {{kBusybox, "true"}, {}, "", "", false}), Conflict);
}

TEST_P(EngineContract, EndsAnExecWithItsContainerAndThenKnowsNothingOfIt) {
  const auto id = world().started(world().spec("c", kIdle));
  const auto exec = engine().exec(id, {{kBusybox, "sleep", "1000"}, {}, "", "", false});

  engine().kill(id);
  drain(*exec.stream);
  engine().remove(id);

  EXPECT_THROW(engine().inspect_exec(exec.id), NotFound);
}

// Trap: an exec has no kill; closing its stream does not end it.
TEST_P(EngineContract, LetsAnExecRunOnWithoutItsClient) {
  const auto id = world().started(world().spec("c", kIdle));
  auto exec = engine().exec(id, {{kBusybox, "sleep", "1000"}, {}, "", "", false});

  exec.stream.reset();

  EXPECT_TRUE(engine().inspect_exec(exec.id).running);
}

TEST_P(EngineContract, MakesAVolumeOnceAndIgnoresOtherOptionsLater) {
  world().own_volume(world().name("v"));
  const auto made = engine().create_volume({world().name("v"), "local", {{"a", "1"}}, {}});
  const auto again = engine().create_volume(
      {world().name("v"), "local", {{"a", "2"}}, {{"type", "tmpfs"}, {"device", "tmpfs"}}});

  EXPECT_EQ(made.driver, "local");
  EXPECT_EQ(made.scope, "local");
  EXPECT_FALSE(made.mountpoint.empty());
  EXPECT_EQ(again, made);
  EXPECT_EQ(engine().inspect_volume(made.name), made);
}

TEST_P(EngineContract, ListsVolumesByLabel) {
  const auto one = world().volume("one");
  const auto two = world().volume("two");

  const auto found = engine().volumes(world().label());

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], one);
  EXPECT_EQ(found[1], two);
}

TEST_P(EngineContract, RefusesToRemoveAVolumeThatIsReferredTo) {
  const auto volume = world().volume("v");
  auto spec = world().spec("c", kIdle);
  spec.mounts = {{dockerapi::MountSpec::Kind::Volume, volume.name, "/v", true}};
  const auto id = world().created(spec);

  EXPECT_THROW(engine().remove_volume(volume.name), Conflict);
  engine().remove(id);
  engine().remove_volume(volume.name);
  engine().remove_volume(volume.name);

  EXPECT_THROW(engine().inspect_volume(volume.name), NotFound);
}

TEST_P(EngineContract, MakesANetworkAsAsked) {
  dockerapi::NetworkSpec spec;
  spec.name = world().name("n");
  spec.internal = true;
  spec.attachable = true;
  spec.labels = world().label();
  spec.options = {{"com.docker.network.bridge.enable_icc", "false"}};
  spec.addresses.pools = {{"192.0.2.64/26", "192.0.2.65", "192.0.2.96/27"}};

  const auto made = engine().create_network(spec);
  world().own_network(made.id);

  EXPECT_EQ(made.id.size(), 64U);
  EXPECT_EQ(made, (dockerapi::Network{made.id, spec.name, "bridge", "local", true, true, false,
                                      spec.labels, spec.options, spec.addresses}));
  EXPECT_EQ(engine().networks(world().label()), std::vector{made});
}

TEST_P(EngineContract, ChoosesANetworksAddresses) {
  const auto made = world().network("n");

  EXPECT_EQ(made.addresses.driver, "default");
  ASSERT_EQ(made.addresses.pools.size(), 1U);
  EXPECT_NE(made.addresses.pools[0].subnet, "");
  EXPECT_NE(made.addresses.pools[0].gateway, "");
  EXPECT_FALSE(made.internal);
}

TEST_P(EngineContract, ListsNetworksByNameAndLabel) {
  const auto two = world().network("two");
  const auto one = world().network("one");

  EXPECT_EQ(engine().networks(world().label()), (std::vector{one, two}));
  EXPECT_TRUE(engine().networks({{"cofferdam-test", "other"}}).empty());
  const auto all = engine().networks({});
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const auto& network) {
    return network.name == "host" && network.driver == "host";
  }));
}

// Trap: an engine before 25 makes a second network of the same name unless told to look.
TEST_P(EngineContract, RefusesATakenNetworkName) {
  const auto made = world().network("n");
  dockerapi::NetworkSpec spec;
  spec.name = made.name;
  spec.labels = world().label();

  EXPECT_THROW(engine().create_network(spec), Conflict);

  EXPECT_EQ(engine().networks(world().label()).size(), 1U);
}

TEST_P(EngineContract, RemovesANetworkByNameOrIdHoweverOften) {
  const auto one = world().network("one");
  const auto two = world().network("two");

  engine().remove_network(one.id);
  engine().remove_network(one.id);
  engine().remove_network(two.name);
  engine().remove_network(two.name);

  EXPECT_TRUE(engine().networks(world().label()).empty());
}

TEST_P(EngineContract, RefusesToRemoveANetworkThatSomebodyIsConnectedTo) {
  const auto network = world().network("n");
  auto spec = world().spec("c", kIdle);
  spec.network_mode = network.name;
  const auto id = world().started(spec);

  EXPECT_EQ(engine().inspect(id).networks, std::vector{network.name});
  EXPECT_THROW(engine().remove_network(network.id), Conflict);
  engine().stop(id, std::chrono::seconds(0));
  engine().remove_network(network.id);

  EXPECT_TRUE(engine().networks(world().label()).empty());
  EXPECT_THROW(engine().start(id), NotFound);
}

TEST_P(EngineContract, RefusesToRemoveTheEnginesOwnNetworks) {
  EXPECT_THROW(engine().remove_network("host"), Conflict);
}

TEST_P(EngineContract, DescribesAnImage) {
  const auto image = engine().inspect_image(kTinyImage);

  EXPECT_TRUE(image.id.starts_with("sha256:"));
  EXPECT_EQ(image.os, "linux");
  EXPECT_EQ(image.labels.at("tiny"), "yes");
  EXPECT_EQ(engine().inspect_image(image.id).id, image.id);
}

TEST_P(EngineContract, ImportsAnImage) {
  const auto tar = tar_of({{"hello", "world"}});

  const auto id = engine().import_image(in_pieces(tar, 100), "cofferdam-test/imported", "1",
                                        {"ENTRYPOINT [\"/hello\"]", "LABEL made=here"});

  EXPECT_TRUE(id.starts_with("sha256:"));
  EXPECT_EQ(engine().inspect_image("cofferdam-test/imported:1").id, id);
  EXPECT_EQ(engine().inspect_image(id).labels.at("made"), "here");
}

TEST_P(EngineContract, TellsWhatHappens) {
  dockerapi::EventFilter filter;
  filter.kinds = {"container"};
  filter.actions = {"start", "die"};
  filter.labels = world().label();
  const auto events = engine().events(filter, 0);
  const auto id = world().started(world().spec("c", {"sh", "-c", "exit 3"}));
  engine().wait(id);

  const auto start = events->next();
  const auto die = events->next();

  ASSERT_TRUE(start && die);
  EXPECT_EQ(start->action, "start");
  EXPECT_EQ(start->kind, "container");
  EXPECT_EQ(start->id, id.value);
  EXPECT_EQ(start->attributes.at("cofferdam-test"), world().label().at("cofferdam-test"));
  EXPECT_EQ(die->action, "die");
  EXPECT_EQ(die->attributes.at("exitCode"), "3");
  EXPECT_GE(die->time_ns, start->time_ns);
}

TEST_P(EngineContract, RepeatsEventsFromAMomentOn) {
  dockerapi::EventFilter filter;
  filter.actions = {"start", "die"};
  filter.labels = world().label();
  const auto live = engine().events(filter, 0);
  const auto id = world().started(world().spec("c", {"sh", "-c", "exit 3"}));
  engine().wait(id);
  const auto start = live->next();
  ASSERT_TRUE(start);

  const auto replay = engine().events(filter, start->time_ns);

  const auto first = replay->next();
  const auto second = replay->next();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->time_ns, start->time_ns);
  EXPECT_EQ(second->action, "die");
}

TEST_P(EngineContract, CancelsASubscription) {
  const auto events = engine().events({{}, {}, world().label()}, 0);

  std::thread canceller([&] { events->cancel(); });

  EXPECT_FALSE(events->next());
  canceller.join();
}

TEST_P(EngineContract, RefusesToStartInTheNetworkOfWhatDoesNotRun) {
  const auto owner = world().created(world().spec("owner", kIdle));
  auto spec = world().spec("guest", kIdle);
  spec.network_mode = "container:" + owner.value;
  const auto guest = world().created(spec);

  EXPECT_THROW(engine().start(guest), dockerapi::Error);

  EXPECT_FALSE(dockerapi::alive(engine().inspect(guest)));
  EXPECT_NE(engine().inspect(guest).state_error, "");
}

}  // namespace
}  // namespace dockerapi_test
