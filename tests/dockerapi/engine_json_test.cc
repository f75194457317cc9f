#include "dockerapi/engine_json.h"

#include <gtest/gtest.h>

#include "dockerapi/error.h"

namespace dockerapi {
namespace {

// Cut from what Docker Engine 26.1.5 answers.
constexpr const char* kContainer = R"({
  "Id":"9a29","Created":"2026-11-21T07:50:17.760414522Z","Name":"/shop-db-1",
  "State":{"Status":"running","Running":true,"OOMKilled":true,"ExitCode":3,"Error":"why",
           "StartedAt":"2026-11-21T07:50:18.25821863Z","FinishedAt":"0001-01-01T00:00:00Z",
           "Health":{"Status":"unhealthy","FailingStreak":2}},
  "Image":"sha256:72fd","RestartCount":2,
  "HostConfig":{"NetworkMode":"container:abc","RestartPolicy":{"Name":"on-failure","MaximumRetryCount":5},
    "AutoRemove":true,"VolumesFrom":["x:ro"],"IpcMode":"shareable","PidMode":"host",
    "SecurityOpt":["no-new-privileges"],"UsernsMode":"host","Tmpfs":{"/run":"size=1m"}},
  "GraphDriver":{"Data":{"UpperDir":"/var/lib/docker/overlay2/55/diff"},"Name":"overlay2"},
  "Mounts":[{"Type":"volume","Name":"data","Source":"/v/data/_data","Destination":"/data","Driver":"local","Mode":"z","RW":true},
            {"Type":"bind","Source":"/srv","Destination":"/srv","Mode":"","RW":false},
            {"Type":"cluster","Destination":"/c","RW":false}],
  "Config":{"Hostname":"9a29f4","User":"postgres","Env":["A=1","B=2=3"],"Cmd":["postgres"],
    "Healthcheck":{"Test":["CMD","pg_isready"],"Interval":5000000000,"Timeout":1000000000,"Retries":3},
    "Image":"postgres:16","Volumes":{"/var/lib/postgresql/data":{}},"Entrypoint":["docker-entrypoint.sh"],
    "Labels":{"com.docker.compose.project":"shop"},"StopSignal":"SIGINT","StopTimeout":60},
  "NetworkSettings":{"Networks":{"shop_default":{},"edge":{}}}})";

TEST(EngineJson, ReadsAContainer) {
  const auto container = container_from_json(kContainer);

  EXPECT_EQ(container.id.value, "9a29");
  EXPECT_EQ(container.name, "shop-db-1");
  EXPECT_EQ(container.image, "postgres:16");
  EXPECT_EQ(container.image_id, "sha256:72fd");
  EXPECT_EQ(container.created_at, "2026-11-21T07:50:17.760414522Z");
  EXPECT_EQ(container.state, ContainerState::Running);
  EXPECT_EQ(container.health, Health::Unhealthy);
  EXPECT_EQ(container.exit_code, 3);
  EXPECT_TRUE(container.oom_killed);
  EXPECT_EQ(container.state_error, "why");
  EXPECT_EQ(container.started_at, "2026-11-21T07:50:18.25821863Z");
  EXPECT_EQ(container.restart_count, 2);
  EXPECT_EQ(container.restart_policy, (RestartPolicy{"on-failure", 5}));
  EXPECT_TRUE(container.auto_remove);
  EXPECT_EQ(container.stop_signal, "SIGINT");
  EXPECT_EQ(container.stop_timeout, std::chrono::seconds(60));
  ASSERT_TRUE(container.health_check);
  EXPECT_EQ(container.health_check->interval, std::chrono::seconds(5));
  EXPECT_EQ(container.health_check->retries, 3);
  EXPECT_EQ(container.labels, (Labels{{"com.docker.compose.project", "shop"}}));
  EXPECT_EQ(env_value(container, "B"), "2=3");
  EXPECT_EQ(container.command, std::vector<std::string>{"postgres"});
  EXPECT_EQ(container.entrypoint, std::vector<std::string>{"docker-entrypoint.sh"});
  EXPECT_EQ(container.user, "postgres");
  EXPECT_EQ(container.hostname, "9a29f4");
  EXPECT_EQ(container.tmpfs, std::vector<std::string>{"/run"});
  EXPECT_EQ(container.declared_volumes, std::vector<std::string>{"/var/lib/postgresql/data"});
  EXPECT_EQ(container.network_mode, "container:abc");
  EXPECT_EQ(container.ipc_mode, "shareable");
  EXPECT_EQ(container.pid_mode, "host");
  EXPECT_EQ(container.volumes_from, std::vector<std::string>{"x:ro"});
  EXPECT_EQ(container.networks, (std::vector<std::string>{"edge", "shop_default"}));
  EXPECT_EQ(container.security_options, std::vector<std::string>{"no-new-privileges"});
  EXPECT_EQ(container.userns_mode, "host");
  EXPECT_EQ(container.upper_directory, "/var/lib/docker/overlay2/55/diff");
}

TEST(EngineJson, ReadsMounts) {
  const auto mounts = container_from_json(kContainer).mounts;

  ASSERT_EQ(mounts.size(), 3U);
  EXPECT_EQ(mounts[0], (Mount{Mount::Kind::Volume, "data", "/v/data/_data", "/data", "local", true,
                              "volume"}));
  EXPECT_EQ(mounts[1], (Mount{Mount::Kind::Bind, "", "/srv", "/srv", "", false, "bind"}));
  EXPECT_EQ(mounts[2].kind, Mount::Kind::Other);
  EXPECT_EQ(mounts[2].engine_kind, "cluster");
}

TEST(EngineJson, TakesMissingAndNullFieldsForTheirDefaults) {
  const auto bare = container_from_json(R"({"Id":"1","State":{"Status":"created"}})");
  const auto nulls = container_from_json(
      R"({"Id":"1","Name":null,"State":{"Status":"created","Health":null},"Mounts":null,
          "GraphDriver":null,"NetworkSettings":null,"Config":{"Env":null,"Cmd":null,"Labels":null,
          "Entrypoint":null,"Volumes":null,"Healthcheck":null,"StopTimeout":null},
          "HostConfig":{"RestartPolicy":{"Name":""},"SecurityOpt":null,"VolumesFrom":null}})");

  EXPECT_EQ(bare, nulls);
  EXPECT_EQ(bare.restart_policy.name, "no");
  EXPECT_FALSE(bare.stop_timeout);
  EXPECT_EQ(bare.health, Health::None);
}

TEST(EngineJson, KnowsADisabledHealthCheck) {
  EXPECT_FALSE(
      container_from_json(
          R"({"Id":"1","State":{"Status":"created"},"Config":{"Healthcheck":{"Test":["NONE"]}}})")
          .health_check);
}

TEST(EngineJson, TakesAnEntrypointThatIsOneWord) {
  const auto container = container_from_json(
      R"({"Id":"1","State":{"Status":"created"},"Config":{"Entrypoint":"/init"}})");

  EXPECT_EQ(container.entrypoint, std::vector<std::string>{"/init"});
}

TEST(EngineJson, ReadsEveryStateAndNoOther) {
  const auto state = [](const std::string& word) {
    return container_from_json(R"({"Id":"1","State":{"Status":")" + word + R"("}})").state;
  };

  EXPECT_EQ(state("paused"), ContainerState::Paused);
  EXPECT_EQ(state("restarting"), ContainerState::Restarting);
  EXPECT_EQ(state("removing"), ContainerState::Removing);
  EXPECT_EQ(state("exited"), ContainerState::Exited);
  EXPECT_EQ(state("dead"), ContainerState::Dead);
  EXPECT_THROW(state("asleep"), Error);
}

TEST(EngineJson, RefusesGarbage) {
  for (const std::string garbage :
       {"", "<html>", "[]", "null", "3", "{\"Id\":\"\"}", "{\"Id\":7}"}) {
    EXPECT_THROW(container_from_json(garbage), Error) << garbage;
    EXPECT_THROW(volume_from_json(garbage), Error) << garbage;
    EXPECT_THROW(id_from_json(garbage), Error) << garbage;
    EXPECT_THROW(status_code_from_json(garbage), Error) << garbage;
  }
  EXPECT_THROW(container_ids_from_json("{}"), Error);
  EXPECT_THROW(event_from_json("{"), Error);
}

TEST(EngineJson, SurvivesWrongTypesEverywhere) {
  const auto container = container_from_json(
      R"({"Id":"1","State":{"Status":"created","ExitCode":"x","Health":"x"},"Mounts":["x",3],
          "Config":[1],"HostConfig":"x","NetworkSettings":{"Networks":[1]},"GraphDriver":{"Data":"x"}})");

  EXPECT_EQ(container.mounts.size(), 2U);
  EXPECT_EQ(container.exit_code, 0);
}

TEST(EngineJson, ReadsVolumes) {
  const auto volumes = volumes_from_json(
      R"({"Volumes":[{"Name":"b","Driver":"local","Mountpoint":"/m","Scope":"local","CreatedAt":"t",
          "Labels":null,"Options":{"type":"nfs"}},{"Name":"a"}],"Warnings":null})");

  ASSERT_EQ(volumes.size(), 2U);
  EXPECT_EQ(volumes[0].name, "a");
  EXPECT_EQ(volumes[1], (Volume{"b", "local", "/m", "local", "t", {}, {{"type", "nfs"}}}));
  EXPECT_TRUE(volumes_from_json(R"({"Volumes":null})").empty());
}

TEST(EngineJson, ReadsNetworks) {
  const auto networks = networks_from_json(
      R"([{"Name":"shop_default","Id":"2"},
          {"Name":"edge","Id":"1","Scope":"swarm","Driver":"overlay","EnableIPv6":true,
           "IPAM":{"Driver":"default","Options":null,"Config":[
             {"Subnet":"10.0.0.0/24","IPRange":"10.0.0.128/25","Gateway":"10.0.0.1"},{"Subnet":"fd00::/64"}]},
           "Internal":true,"Attachable":true,"Containers":{"9a":{}},"Options":{"encrypted":""},
           "Labels":{"a":"1"}}])");

  ASSERT_EQ(networks.size(), 2U);
  EXPECT_EQ(networks[0],
            (Network{"1",
                     "edge",
                     "overlay",
                     "swarm",
                     true,
                     true,
                     true,
                     {{"a", "1"}},
                     {{"encrypted", ""}},
                     {"default",
                      {{"10.0.0.0/24", "10.0.0.1", "10.0.0.128/25"}, {"fd00::/64", "", ""}}}}));
  EXPECT_EQ(networks[1].name, "shop_default");
  EXPECT_TRUE(networks[1].addresses.pools.empty());
  EXPECT_TRUE(networks_from_json("[]").empty());
  EXPECT_THROW(networks_from_json("{}"), Error);
  EXPECT_THROW(network_from_json(R"({"Name":"x"})"), Error);
}

TEST(EngineJson, WritesANetworkToCreate) {
  NetworkSpec spec;
  spec.name = "n";
  spec.internal = true;
  spec.addresses.pools = {{"10.0.0.0/24", "", "10.0.0.128/25"}};

  EXPECT_EQ(
      to_json(spec),
      R"({"Attachable":false,"CheckDuplicate":true,"Driver":"bridge","EnableIPv6":false,)"
      R"("IPAM":{"Config":[{"IPRange":"10.0.0.128/25","Subnet":"10.0.0.0/24"}],"Driver":"default"},)"
      R"("Internal":true,"Labels":{},"Name":"n","Options":{}})");
}

TEST(EngineJson, ReadsAnEventWithoutItsOldFields) {
  const auto event = event_from_json(
      R"({"Type":"container","Action":"die","Actor":{"ID":"1","Attributes":{"exitCode":"137"}},"timeNano":1732175418258218630})");

  EXPECT_EQ(event.kind, "container");
  EXPECT_EQ(event.action, "die");
  EXPECT_EQ(event.id, "1");
  EXPECT_EQ(event.attributes.at("exitCode"), "137");
  EXPECT_EQ(event.time_ns, 1'732'175'418'258'218'630);
}

TEST(EngineJson, HasNoExitCodeWhileTheExecRuns) {
  EXPECT_FALSE(exec_state_from_json(R"({"Running":true,"ExitCode":null,"Pid":7})").exit_code);
  EXPECT_FALSE(exec_state_from_json(R"({"Running":true,"ExitCode":0,"Pid":7})").exit_code);
  EXPECT_EQ(exec_state_from_json(R"({"Running":false,"ExitCode":3})").exit_code, 3);
}

TEST(EngineJson, ReadsTheResultOfAnImport) {
  EXPECT_EQ(imported_id_from_json("{\"status\":\"sha256:72fd\"}\r\n\r\n"), "sha256:72fd");
  EXPECT_THROW(imported_id_from_json(R"({"status":"Loading"}
{"errorDetail":{"message":"no space"},"error":"no space"})"),
               Error);
  EXPECT_THROW(imported_id_from_json(""), Error);
}

TEST(EngineJson, ReadsAnErrorsMessage) {
  EXPECT_EQ(error_text_from("{\"message\":\"no such image: x\"}\n"), "no such image: x");
  EXPECT_EQ(error_text_from("container t1 is paused\r\n"), "container t1 is paused");
  EXPECT_EQ(error_text_from(""), "");
}

TEST(EngineJson, WritesAContainerToCreate) {
  ContainerSpec spec;
  spec.image = "sha256:1";
  spec.entrypoint = {"/cofferdam"};
  spec.command = {"agent", "capture"};
  spec.user = "0:0";
  spec.labels = {{"cofferdam.role", "helper"}};
  spec.mounts = {{MountSpec::Kind::Volume, "data", "/v/0", true},
                 {MountSpec::Kind::Bind, "/srv", "/v/1", false},
                 {MountSpec::Kind::Tmpfs, "", "/tmp", false}};
  spec.network_mode = "none";
  spec.read_only_root = true;
  spec.open_stdin = true;
  spec.discard_logs = true;
  spec.no_health_check = true;
  spec.drop_capabilities = {"ALL"};
  spec.add_capabilities = {"DAC_READ_SEARCH"};
  spec.security_options = {"no-new-privileges"};
  spec.memory_bytes = 1000;
  spec.pids_limit = 64;
  spec.oom_score_adjustment = 500;
  spec.stop_timeout = std::chrono::seconds(5);

  EXPECT_EQ(
      to_json(spec),
      R"({"AttachStderr":true,"AttachStdin":true,"AttachStdout":true,"Cmd":["agent","capture"],)"
      R"("Entrypoint":["/cofferdam"],"Env":[],"Healthcheck":{"Test":["NONE"]},)"
      R"("HostConfig":{"CapAdd":["DAC_READ_SEARCH"],"CapDrop":["ALL"],"LogConfig":{"Type":"none"},)"
      R"("Memory":1000,"Mounts":[{"ReadOnly":true,"Source":"data","Target":"/v/0","Type":"volume",)"
      R"("VolumeOptions":{"NoCopy":true}},{"ReadOnly":false,"Source":"/srv","Target":"/v/1","Type":"bind"},)"
      R"({"ReadOnly":false,"Target":"/tmp","Type":"tmpfs"}],"NetworkMode":"none","OomScoreAdj":500,)"
      R"("PidsLimit":64,"ReadonlyRootfs":true,"RestartPolicy":{"Name":"no"},)"
      R"("SecurityOpt":["no-new-privileges"]},"Image":"sha256:1","Labels":{"cofferdam.role":"helper"},)"
      R"("OpenStdin":true,"StdinOnce":true,"StopTimeout":5,"Tty":false,"User":"0:0"})");
}

TEST(EngineJson, WritesWhatAContainerIsAllowed) {
  ContainerSpec spec;
  spec.image = "sha256:1";
  spec.network_mode = "n";
  spec.aliases = {"web"};
  spec.dns = {"192.0.2.1"};
  spec.log_bytes = 2000;
  spec.ipc_mode = "container:1";
  spec.stop_signal = "SIGINT";
  spec.health_check = HealthCheck{std::chrono::nanoseconds(1),
                                  std::chrono::nanoseconds(2),
                                  std::chrono::nanoseconds(3),
                                  4,
                                  {"CMD-SHELL", "x"}};
  spec.allowance = {"/w", {"27"}, 64, {{"nofile", 1, 2}}, {{"a", "1"}}, {{"/t", "size=1m"}},
                    true, true};

  EXPECT_EQ(
      to_json(spec),
      R"({"AttachStderr":true,"AttachStdout":true,"Env":[],"Healthcheck":{"Interval":1,"Retries":4,)"
      R"("StartPeriod":3,"Test":["CMD-SHELL","x"],"Timeout":2},"HostConfig":{"CapAdd":[],"CapDrop":[],)"
      R"("Dns":["192.0.2.1"],"GroupAdd":["27"],"Init":true,"IpcMode":"container:1","LogConfig":)"
      R"({"Config":{"max-file":"2","max-size":"1000"},"Type":"json-file"},"Mounts":[],)"
      R"("NetworkMode":"n","OomScoreAdj":0,"ReadonlyRootfs":false,"RestartPolicy":{"Name":"no"},)"
      R"("SecurityOpt":[],"ShmSize":64,"Sysctls":{"a":"1"},"Tmpfs":{"/t":"size=1m"},)"
      R"("Ulimits":[{"Hard":2,"Name":"nofile","Soft":1}]},"Image":"sha256:1","Labels":{},)"
      R"("NetworkingConfig":{"EndpointsConfig":{"n":{"Aliases":["web"]}}},"StopSignal":"SIGINT",)"
      R"("Tty":true,"User":"","WorkingDir":"/w"})");
}

TEST(EngineJson, ReadsWhatAContainerIsAllowed) {
  const auto container = container_from_json(
      R"({"Id":"1","State":{"Status":"created"},
          "Config":{"WorkingDir":"/w","Tty":true,"OpenStdin":true},
          "HostConfig":{"GroupAdd":["27"],"ShmSize":64,"Ulimits":[{"Name":"nofile","Soft":1,"Hard":2}],
            "Sysctls":{"a":"1"},"Tmpfs":{"/t":"size=1m"},"Init":true,"CapAdd":["CAP_NET_ADMIN","CHOWN"],
            "CapDrop":["ALL"],"Devices":[{"PathOnHost":"/dev/fuse"}],"Privileged":true,
            "ReadonlyRootfs":true,"Memory":1000},
          "NetworkSettings":{"Networks":{"n":{"Aliases":["web","1234"]},"m":{"Aliases":null}}}})");

  EXPECT_EQ(
      container.allowance,
      (Allowance{
          "/w", {"27"}, 64, {{"nofile", 1, 2}}, {{"a", "1"}}, {{"/t", "size=1m"}}, true, true}));
  EXPECT_EQ(container.added_capabilities, (std::vector<std::string>{"NET_ADMIN", "CHOWN"}));
  EXPECT_EQ(container.dropped_capabilities, std::vector<std::string>{"ALL"});
  EXPECT_EQ(container.devices, std::vector<std::string>{"/dev/fuse"});
  EXPECT_TRUE(container.privileged);
  EXPECT_TRUE(container.read_only_root);
  EXPECT_TRUE(container.open_stdin);
  EXPECT_EQ(container.memory_bytes, 1000);
  EXPECT_EQ(container.aliases.at("n"), (std::vector<std::string>{"web", "1234"}));
  EXPECT_TRUE(container.aliases.at("m").empty());
}

TEST(EngineJson, KnowsFilesFromOtherThings) {
  const auto kind = [](const std::string& mode) {
    return path_stat_from_json(R"({"name":"x","size":1,"mode":)" + mode + "}").kind;
  };

  EXPECT_EQ(kind("420"), PathStat::Kind::File);
  EXPECT_EQ(kind("2147484141"), PathStat::Kind::Directory);
  EXPECT_EQ(kind("16777645"), PathStat::Kind::Other) << "a socket";
  EXPECT_EQ(kind("69206454"), PathStat::Kind::Other) << "a device";
}

TEST(EngineJson, WritesFilters) {
  EXPECT_EQ(filters_json(ContainerFilter{{{"a", "1"}, {"b", ""}}, "data"}),
            R"({"label":["a=1","b"],"volume":["data"]})");
  EXPECT_EQ(filters_json(ContainerFilter{}), "{}");
  EXPECT_EQ(filters_json(EventFilter{{"container"}, {"die"}, {{"a", "1"}}}),
            R"({"event":["die"],"label":["a=1"],"type":["container"]})");
}

TEST(EngineJson, SurvivesBytesThatAreNotText) {
  ContainerSpec spec;
  spec.labels = {{"path", "\xff"}};

  EXPECT_NE(to_json(spec).find("\xef\xbf\xbd"), std::string::npos);
}

}  // namespace
}  // namespace dockerapi
