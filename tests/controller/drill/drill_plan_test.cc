#include "controller/drill/drill_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/compose/stack_text.h"
#include "tests/fakes/fake_engine.h"

namespace controller {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr const char* kShop =
    "volume files\n"
    "volume pg\n"
    "volume index\n"
    "service db rw=pg:/var/lib/postgresql/data image=postgres:16 checked\n"
    "service web rw=files:/files rw=index:/index needs=db:service_healthy:false\n"
    "service mirror ro=files:/files needs=web:service_started:false\n"
    "service cofferdam image=cofferdam:1 self\n";

VolumeRecord volume_record(const std::string& key, const std::string& kind) {
  VolumeRecord record;
  record.key = key;
  record.kind = kind;
  record.name = kind == "named" ? "shop_" + key : key;
  record.artifact.path = "volumes/" + key;
  return record;
}

/// Cannot look into any container.
class Blind : public fakes::FakeEngine {
 public:
  std::optional<dockerapi::PathStat> stat_path(const dockerapi::ContainerId&,
                                               const std::string& path) override {
    throw dockerapi::Error("cannot look at " + path + ": engine answered 500", 500);
  }
};

/// The world of a test: a stack from text, a snapshot of it, and images for all of it.
struct World {
  explicit World(const std::string& text) : stack(compose_test::stack_of(text)) {
    manifest.name = "nightly";
    sight.own_image = "sha256:own";
    for (auto& member : stack.services) {
      ServiceRecord record;
      record.name = member.name;
      record.image = member.replicas.front().image;
      record.image_id = "sha256:" + member.name;
      manifest.services.push_back(record);
      dockerapi::Image image;
      image.id = record.image_id;
      sight.recorded[member.name] = image;
      sight.live[member.name] = image;
    }
    manifest.volumes = {volume_record("files", "named")};
    DatabaseRecord database;
    database.service = "db";
    database.volume = "pg";
    database.name = "app";
    manifest.databases = {database};
  }

  dockerapi::Container& live(const std::string& name) {
    return std::ranges::find(stack.services, name, &compose::Service::name)->replicas.front();
  }

  DrillPlan plan() { return plan_drill(stack, read_policy(stack, config), manifest, sight); }

  DrillService planned(const std::string& name) {
    for (const auto& level : plan().levels) {
      const auto found = std::ranges::find(level, name, &DrillService::name);
      if (found != level.end()) {
        return *found;
      }
    }
    throw std::invalid_argument("not planned: " + name);
  }

  std::string refusal() {
    try {
      plan();
    } catch (const DrillRefusal& error) {
      return error.what();
    }
    return "not refused";
  }

  compose::Stack stack;
  Manifest manifest;
  DrillSight sight;
  std::string config;
};

TEST(DrillPlan, BootsTheStackFromTheSnapshotAndNothingElse) {
  EXPECT_EQ(to_text(World(kShop).plan()),
            "drill nightly as project shop is run\n"
            "  volume files as v0-files: from the snapshot\n"
            "  volume pg as v1-pg: empty, its databases are restored into it\n"
            "  volume index as v2-index: empty, not in the snapshot\n"
            "  database db/app\n"
            "  0: service db from postgres:16\n"
            "    v1-pg at /var/lib/postgresql/data\n"
            "  1: service web from app:1 after db (service_healthy)\n"
            "    v0-files at /files\n"
            "    v2-index at /index\n"
            "  2: service mirror from app:1 after web (service_started)\n"
            "    v0-files at /files, read-only\n"
            "  no service cofferdam: it is Cofferdam itself\n");
}

TEST(DrillPlan, UsesTheRecordedImage) {
  EXPECT_EQ(World(kShop).planned("web").container.image, "sha256:web");
}

TEST(DrillPlan, RefusesWhatIsMissingAllAtOnce) {
  World world(kShop);
  world.sight.recorded.erase("web");
  world.sight.recorded.erase("db");
  world.manifest.services[1].image_digests = {"postgres@sha256:77"};

  EXPECT_THAT(world.refusal(),
              AllOf(HasSubstr("nothing was made"),
                    HasSubstr("image postgres:16 (sha256:db) of service db is not on this engine, "
                              "and nothing is pulled; docker pull postgres@sha256:77"),
                    HasSubstr("image app:1 (sha256:web) of service web"),
                    HasSubstr("database app needs service db")));
}

TEST(DrillPlan, NeedsNoImageOfItsOwn) {
  World world(kShop);
  world.sight.recorded.erase("cofferdam");

  EXPECT_NO_THROW(world.plan());
}

TEST(DrillPlan, KnowsItselfByItsImageToo) {
  World world(kShop);
  world.stack.self.reset();
  world.sight.own_image = "sha256:cofferdam";

  EXPECT_THAT(to_text(world.plan()), HasSubstr("no service cofferdam: it is Cofferdam itself"));
}

TEST(DrillPlan, OmitsAServiceWithoutContainer) {
  World world(kShop);
  ServiceRecord gone;
  gone.name = "worker";
  world.manifest.services.push_back(gone);

  EXPECT_THAT(to_text(world.plan()),
              HasSubstr("no service worker: it has no container here, so nobody knows its "
                        "environment"));
}

TEST(DrillPlan, RefusesADatabaseWhoseServiceHasNoContainer) {
  World world("service web\n");

  EXPECT_THAT(world.refusal(), HasSubstr("database app needs service db, which takes no part"));
}

TEST(DrillPlan, RefusesToBootNothing) {
  World world("service web state=exited\n");
  world.manifest.databases.clear();

  EXPECT_THAT(world.refusal(), AllOf(HasSubstr("no service of project shop can be booted"),
                                     HasSubstr("(service web: it does not run here)")));
}

TEST(DrillPlan, BootsWhatRunsAndWhatWasOnlyCreated) {
  World world(
      "service db\nservice off state=exited\nservice new state=created\nservice odd "
      "state=paused\n");
  world.manifest.volumes.clear();

  EXPECT_EQ(to_text(world.plan()),
            "drill nightly as project shop is run\n"
            "  database db/app\n"
            "  0: service db from app:1\n"
            "  0: service new from app:1\n"
            "  0: service odd from app:1\n"
            "  no service off: it does not run here\n");
}

TEST(DrillPlan, RunsToItsEndWhatOthersWaitForToEnd) {
  World world(
      "service db\nservice migrate state=exited\n"
      "service web needs=migrate:service_completed_successfully:false\n");

  EXPECT_TRUE(world.planned("migrate").one_shot);
  EXPECT_FALSE(world.planned("web").one_shot);
  EXPECT_THAT(world.planned("web").needs,
              ElementsAre(DrillNeed{"migrate", compose::Condition::CompletedSuccessfully}));
}

TEST(DrillPlan, DoesNotWaitForWhatTakesNoPart) {
  World world(
      "service db\nservice off state=exited\nservice web needs=off:service_started:false\n");

  const auto web = world.planned("web");

  EXPECT_THAT(web.needs, IsEmpty());
  EXPECT_THAT(web.notes, ElementsAre("without waiting for off, which takes no part"));
}

TEST(DrillPlan, OmitsWhoeverCommandsTheEngine) {
  World world("service db\nservice watchtower rw=/var/run/docker.sock:/var/run/docker.sock\n");

  EXPECT_THAT(to_text(world.plan()),
              HasSubstr("no service watchtower: it commands the Docker engine"));
}

TEST(DrillPlan, OmitsWhatTheOperatorWantsLeftOut) {
  World world("service db\nservice mailer label=cofferdam.drill=false\nservice feeds\n");
  world.config = "services: {feeds: {drill: false}, db: {drill: true}}\n";

  EXPECT_THAT(to_text(world.plan()), AllOf(HasSubstr("no service mailer: cofferdam.drill says so"),
                                           HasSubstr("no service feeds: cofferdam.drill says so"),
                                           HasSubstr("0: service db")));
}

// The source of a stopped container's bind may be gone: the engine answers 500.
TEST(DrillSight, KnowsNothingOfABindThatTheEngineCannotLookAt) {
  World world("service db rw=/srv/media:/media\n");
  Blind engine;

  EXPECT_THAT(look_for_drill(engine, world.stack, world.manifest, "").binds, IsEmpty());
}

TEST(DrillPlan, MountsNothingOfTheHost) {
  World world(
      "service db rw=/srv/media:/media ro=/srv/app.conf:/etc/app.conf ro=/srv/pipe:/pipe "
      "ro=/proc:/host/proc ro=/srv/big:/big\n");
  world.manifest.volumes.clear();
  using Kind = dockerapi::PathStat::Kind;
  world.sight.binds = {{"/srv/media", {"media", 0, Kind::Directory}},
                       {"/srv/app.conf", {"app.conf", 100, Kind::File}},
                       {"/srv/pipe", {"pipe", 0, Kind::Other}},
                       {"/proc", {"proc", 0, Kind::Directory}},
                       {"/srv/big", {"big", 1 << 30, Kind::File}}};

  EXPECT_EQ(to_text(world.plan()),
            "drill nightly as project shop is run\n"
            "  volume /srv/media as v0-.srv.media: empty, not in the snapshot\n"
            "  file /srv/app.conf as f0: copied from the host\n"
            "  database db/app\n"
            "  0: service db from app:1\n"
            "    v0-.srv.media at /media\n"
            "    f0 at /etc/app.conf, read-only\n"
            "    with a copy of the host's /srv/app.conf, which is not in the snapshot\n"
            "    without the host's /srv/pipe\n"
            "    without the host's /proc\n"
            "    without the host's /srv/big, which is not in the snapshot and too large to be a "
            "setting\n");
}

TEST(DrillPlan, TakesBindMountsThatWereCapturedFromTheSnapshot) {
  World world("service db rw=/srv/media:/media ro=/srv/app.conf:/etc/app.conf\n");
  world.manifest.volumes = {volume_record("/srv/media", "bind"),
                            volume_record("/srv/app.conf", "bind"),
                            volume_record("/srv/gone", "bind")};
  using Kind = dockerapi::PathStat::Kind;
  world.sight.binds = {{"/srv/media", {"media", 0, Kind::Directory}},
                       {"/srv/app.conf", {"app.conf", 100, Kind::File}}};

  EXPECT_THAT(
      to_text(world.plan()),
      AllOf(HasSubstr("volume /srv/media as v0-.srv.media: from the snapshot"),
            HasSubstr("file /srv/app.conf as f0: from the snapshot"),
            HasSubstr("no volume /srv/gone: no container here mounts it"), Not(HasSubstr("copy"))));
}

TEST(DrillPlan, ChecksAVolumeThatNobodyMounts) {
  World world("service db\n");

  EXPECT_THAT(to_text(world.plan()), HasSubstr("volume files as v0-files: from the snapshot"));
}

TEST(DrillPlan, FindsAnAnonymousVolumeByWhereItIsMounted) {
  World world("service db anonymous=/data\n");
  auto record = volume_record("db/7:/data", "anonymous");
  record.service = "db";
  record.destination = "/data";
  world.manifest.volumes = {record};

  const auto plan = world.plan();

  ASSERT_EQ(plan.volumes.size(), 1U);
  EXPECT_TRUE(plan.volumes[0].record);
  EXPECT_EQ(world.planned("db").mounts[0].name, plan.volumes[0].name);
}

TEST(DrillPlan, FindsAVolumeByItsRecordedName) {
  World world("external media\nservice db rw=media:/media\n");
  auto record = volume_record("old-key", "external");
  record.name = "media";
  world.manifest.volumes = {record};

  EXPECT_EQ(world.planned("db").mounts[0].name, "v0-old-key");
}

// The engine would make anonymous ones, without a label by which they could be removed.
TEST(DrillPlan, MountsVolumesThatTheImageDeclares) {
  World world("service db rw=pg:/var/lib/postgresql/data\n");
  world.manifest.volumes.clear();
  world.sight.recorded["db"].declared_volumes = {"/var/lib/postgresql/data", "/cache", "/scratch"};
  world.live("db").allowance.tmpfs = {{"/scratch", ""}};

  EXPECT_THAT(
      to_text(world.plan()),
      AllOf(HasSubstr("    v0-pg at /var/lib/postgresql/data\n    v1-db..cache at /cache\n"),
            Not(HasSubstr("at /scratch"))));
}

TEST(DrillPlan, FillsEmptyVolumesFromTheImageAndNoOthers) {
  const auto web = World(kShop).planned("web");

  ASSERT_EQ(web.mounts.size(), 2U);
  EXPECT_FALSE(web.mounts[0].from_image) << "its content is that of the snapshot";
  EXPECT_TRUE(web.mounts[1].from_image);
}

TEST(DrillPlan, SharesNamespacesWithinTheDrillAndNeverTheHosts) {
  World world("service db\nservice vpn\nservice torrent net=shop-vpn-1 ipc=shop-vpn-1\n");
  world.live("vpn").ipc_mode = "shareable";
  world.live("db").network_mode = "host";
  world.live("db").pid_mode = "host";

  EXPECT_EQ(world.planned("torrent").container.network_mode, "service:vpn");
  EXPECT_EQ(world.planned("torrent").container.ipc_mode, "service:vpn");
  EXPECT_EQ(world.planned("vpn").container.ipc_mode, "shareable");
  EXPECT_EQ(world.planned("db").container.network_mode, "");
  EXPECT_EQ(world.planned("db").container.pid_mode, "");
  EXPECT_THAT(world.planned("db").notes,
              ElementsAre("without the host's network", "without the host's pid namespace"));
}

TEST(DrillPlan, KeepsAContainerWithoutNetworkWithoutOne) {
  World world("service db\n");
  world.live("db").network_mode = "none";

  EXPECT_EQ(world.planned("db").container.network_mode, "none");
}

TEST(DrillPlan, RunsAContainerAsTheLiveOneIsRun) {
  World world("service db\n");
  auto& live = world.live("db");
  live.env = {"PASSWORD=secret"};
  live.command = {"serve", "--fast"};
  live.user = "5";
  live.hostname = "database";
  live.allowance.shm_bytes = 1000;
  live.allowance.ulimits = {{"nofile", 1, 2}};
  live.health_check = dockerapi::HealthCheck{};
  live.health_check->test = {"CMD", "true"};
  live.restart_policy.name = "always";
  live.stop_signal = "SIGINT";
  live.memory_bytes = 1 << 20;
  live.read_only_root = true;

  const auto spec = world.planned("db").container;

  EXPECT_EQ(spec.env, live.env);
  EXPECT_EQ(spec.command, live.command);
  EXPECT_EQ(spec.user, "5");
  EXPECT_EQ(spec.hostname, "database");
  EXPECT_EQ(spec.allowance, live.allowance);
  EXPECT_EQ(spec.health_check, live.health_check);
  EXPECT_EQ(spec.stop_signal, "SIGINT");
  EXPECT_EQ(spec.memory_bytes, live.memory_bytes);
  EXPECT_TRUE(spec.read_only_root);
  EXPECT_EQ(spec.restart_policy.name, "no");
  EXPECT_THAT(spec.labels, IsEmpty()) << "Compose, proxies and updaters look for theirs";
  EXPECT_GT(spec.log_bytes, 0);
}

// The image may be another version than the one that runs now: its own settings are right for it.
TEST(DrillPlan, LeavesToTheRecordedImageWhatItSetsItself) {
  World world("service db\n");
  auto& now = world.sight.live["db"];
  now.env = {"PG_MAJOR=17", "LANG=C"};
  now.entrypoint = {"docker-entrypoint.sh"};
  now.command = {"postgres"};
  now.user = "999";
  now.working_directory = "/var/lib";
  now.health_check = dockerapi::HealthCheck{};
  auto& live = world.live("db");
  live.env = {"PG_MAJOR=17", "LANG=en_US", "POSTGRES_DB=app"};
  live.entrypoint = now.entrypoint;
  live.command = now.command;
  live.user = now.user;
  live.allowance.working_directory = now.working_directory;
  live.health_check = now.health_check;

  const auto spec = world.planned("db").container;

  EXPECT_EQ(spec.env, (std::vector<std::string>{"LANG=en_US", "POSTGRES_DB=app"}));
  EXPECT_THAT(spec.entrypoint, IsEmpty());
  EXPECT_THAT(spec.command, IsEmpty());
  EXPECT_EQ(spec.user, "");
  EXPECT_EQ(spec.allowance.working_directory, "");
  EXPECT_FALSE(spec.health_check);
  EXPECT_FALSE(spec.no_health_check);
}

TEST(DrillPlan, KeepsAHealthCheckThatWasSwitchedOffSwitchedOff) {
  World world("service db\n");
  world.sight.live["db"].health_check = dockerapi::HealthCheck{};

  EXPECT_TRUE(world.planned("db").container.no_health_check);
}

TEST(DrillPlan, GivesNoRightsThatReachBeyondAContainer) {
  World world("service db\n");
  auto& live = world.live("db");
  live.added_capabilities = {"SYS_NICE", "SYS_ADMIN", "NET_ADMIN"};
  live.dropped_capabilities = {"ALL"};
  live.devices = {"/dev/kvm"};
  live.security_options = {"no-new-privileges:true", "seccomp=unconfined"};
  live.userns_mode = "host";

  const auto db = world.planned("db");

  EXPECT_THAT(db.container.add_capabilities, ElementsAre("SYS_NICE"));
  EXPECT_THAT(db.container.drop_capabilities, ElementsAre("ALL"));
  EXPECT_THAT(db.container.security_options, ElementsAre("no-new-privileges:true"));
  EXPECT_EQ(db.container.userns_mode, "");
  EXPECT_THAT(db.notes, ElementsAre("without capabilities SYS_ADMIN, NET_ADMIN",
                                    "without security option seccomp", "without devices /dev/kvm"));
}

TEST(DrillPlan, MakesNoPrivilegedContainer) {
  World world("service db\n");
  world.live("db").privileged = true;
  world.live("db").security_options = {"label=disable"};

  const auto db = world.planned("db");

  EXPECT_THAT(db.container.security_options, IsEmpty());
  EXPECT_THAT(db.notes, ElementsAre("not privileged"));
}

TEST(DrillPlan, HidesWhatComposeBuiltFromCompose) {
  World world("service db\n");
  world.sight.recorded["db"].labels = {{"com.docker.compose.project", "shop"}, {"other", "x"}};

  EXPECT_EQ(world.planned("db").container.labels,
            (dockerapi::Labels{{"com.docker.compose.project", ""}}));
}

TEST(DrillPlan, KnowsAServiceByAllItsNames) {
  World world("service db\n");
  auto& live = world.live("db");
  live.aliases = {{"shop_default", {live.id.value.substr(0, 12), "postgres"}}, {"edge", {"pg"}}};
  live.hostname = live.id.value.substr(0, 12);

  const auto spec = world.planned("db").container;

  EXPECT_THAT(spec.aliases, UnorderedElementsAre("db", "shop-db-1", "postgres", "pg"));
  EXPECT_EQ(spec.hostname, "");
}

TEST(DrillPlan, AsksNobodyOutsideForNames) {
  EXPECT_THAT(World("service db\n").planned("db").container.dns, ElementsAre("127.0.0.1"));
}

}  // namespace
}  // namespace controller
