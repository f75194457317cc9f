#include "controller/plan/capture_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "tests/compose/stack_text.h"

namespace {

using compose_test::stack_of;
using controller::CapturePlan;
using controller::PlanRequest;

PlanRequest with_postgres(const std::string& service,
                          const std::string& directory = "/var/lib/postgresql/data") {
  PlanRequest request;
  request.detections[service] = {"postgres", {"image postgres:16"}, directory};
  return request;
}

CapturePlan plan_of(const std::string& text, const PlanRequest& request = {},
                    const std::string& config = "") {
  const auto stack = stack_of(text);
  return controller::plan_capture(stack, controller::read_policy(stack, config), request);
}

/// The decisions, a line each.
std::string decisions(const CapturePlan& plan) {
  std::string out;
  for (const auto& database : plan.databases) {
    out += "dump " + database.service + " in " + database.volume + "\n";
  }
  for (const auto& volume : plan.volumes) {
    out += "copy " + volume.key + " " + std::string(to_string(volume.mode)) + "\n";
  }
  for (const auto& stop : plan.stops) {
    out += (stop.action == controller::PlannedStop::Action::Stop ? "stop " : "pause ") + stop.name +
           ": " + stop.reason + (stop.await_healthy ? " (healthy)" : "") + "\n";
  }
  return out;
}

std::string check(const std::string& text, const PlanRequest& request = {},
                  const std::string& config = "") {
  return decisions(plan_of(text, request, config));
}

std::string warnings(const CapturePlan& plan) {
  std::string out;
  for (const auto& warning : plan.warnings) {
    out += warning + "\n";
  }
  return out;
}

std::string unprotected(const CapturePlan& plan) {
  std::string out;
  for (const auto& entry : plan.unprotected) {
    out += entry.what + ": " + entry.reason + "\n";
  }
  return out;
}

std::string refusal(const std::string& text, const PlanRequest& request = {}) {
  try {
    return "planned:\n" + check(text, request);
  } catch (const controller::PlanRefusal& error) {
    return error.what();
  }
}

std::string policy_error(const std::string& text, const PlanRequest& request = {},
                         const std::string& config = "") {
  try {
    return "planned:\n" + check(text, request, config);
  } catch (const controller::PolicyError& error) {
    return error.what();
  }
}

// ---- what is captured ------------------------------------------------------------------------

TEST(Plan, CopiesAFlaggedVolumeWhileItsWritersAreDown) {
  EXPECT_EQ(check("volume redis cofferdam.backup=true\n"
                  "volume index\n"
                  "service redis rw=redis:/data\n"
                  "service report ro=redis:/in\n"
                  "service nominatim rw=index:/data\n"),
            "copy redis stop\n"
            "stop shop-redis-1: writes redis\n");
}

TEST(Plan, StopsTwoHundredContainersThatNeedEachOtherInTheirOrder) {
  constexpr int kServices = 200;
  std::string text = "volume v0 cofferdam.backup=true\nservice s0 rw=v0:/data\n";
  for (int i = 1; i < kServices; ++i) {
    const auto number = std::to_string(i);
    text += "volume v" + number + " cofferdam.backup=true\nservice s" + number + " rw=v" + number +
            ":/data needs=s" + std::to_string(i - 1) + ":service_started:true\n";
  }

  const auto plan = plan_of(text);

  ASSERT_EQ(plan.volumes.size(), std::size_t{kServices});
  ASSERT_EQ(plan.stops.size(), std::size_t{kServices});
  for (int i = 0; i < kServices; ++i) {
    EXPECT_EQ(plan.stops[static_cast<std::size_t>(i)].name,
              "shop-s" + std::to_string(kServices - 1 - i) + "-1");
  }
}

PlanRequest with_cluster(const std::string& volume) {
  PlanRequest request;
  request.clusters = {volume};
  return request;
}

TEST(Plan, CopiesAClusterOfNobodyColdAndSaysSo) {
  const auto plan =
      plan_of("volume pg cofferdam.backup=true\nservice app rw=pg:/data\n", with_cluster("pg"));

  EXPECT_EQ(decisions(plan), "copy pg stop\nstop shop-app-1: writes pg\n");
  EXPECT_TRUE(plan.volumes.front().holds_cluster);
  EXPECT_EQ(warnings(plan),
            "volume pg (shop_pg) holds a PostgreSQL cluster, but nothing tells which service is "
            "its server: it is copied as files while its writers are down. With "
            "cofferdam.database: postgres on its service it would be dumped live\n");
}

TEST(Plan, RefusesToCopyAClusterWhileItsServerRuns) {
  for (const std::string mode : {"live", "pause"}) {
    EXPECT_EQ(refusal("volume pg cofferdam.backup=true cofferdam.mode=" + mode +
                          "\nservice app rw=pg:/data\n",
                      with_cluster("pg")),
              "volume pg holds a PostgreSQL cluster, and a copy of it while its server runs is "
              "worth nothing. Set cofferdam.database: postgres on its service, or cofferdam.mode: "
              "stop on the volume");
  }
}

TEST(Plan, DoesNotWonderAboutAClusterThatIsMeantToBeCopied) {
  auto request = with_cluster("pg");
  request.detections["db"] = {"postgres", {"cluster in /data"}, "/data"};

  const auto plan = plan_of(
      "volume pg cofferdam.backup=true cofferdam.mode=stop\nservice db rw=pg:/data\n", request);

  EXPECT_EQ(decisions(plan), "copy pg stop\nstop shop-db-1: writes pg\n");
  EXPECT_TRUE(plan.volumes.front().holds_cluster);
  EXPECT_EQ(warnings(plan), "");
}

TEST(Plan, PassesOnWhatDetectionCouldNotSee) {
  PlanRequest request;
  request.problems = {"cannot see whether volume pg holds a database: no"};

  EXPECT_EQ(
      warnings(plan_of("volume pg cofferdam.backup=true\nservice app rw=pg:/data\n", request)),
      "cannot see whether volume pg holds a database: no\n");
}

TEST(Plan, SaysWhoWritesAndReads) {
  const auto plan = plan_of(
      "volume redis cofferdam.backup=true\n"
      "service redis rw=redis:/data\n"
      "service redis n=2 rw=redis:/data\n"
      "service report ro=redis:/in state=exited\n"
      "service blog project=other rw=shop_redis:/x\n"
      "container probe rw=shop_redis:/x\n");

  ASSERT_EQ(plan.volumes.size(), 1U);
  const auto& volume = plan.volumes.front();
  EXPECT_EQ(volume.name, "shop_redis");
  EXPECT_EQ(volume.producers, (std::vector<std::string>{"redis"}));
  EXPECT_EQ(volume.readers, (std::vector<std::string>{"report"}));
  EXPECT_EQ(volume.foreign_producers, (std::vector<std::string>{"other/blog", "probe"}));
  EXPECT_EQ(volume.artifact, "volumes/redis.tar.zst");
  EXPECT_EQ(volume.reason, "label of volume shop_redis");
}

TEST(Plan, CopiesAVolumeThatNobodyUses) {
  EXPECT_EQ(check("volume old cofferdam.backup=true\nservice web\n"), "copy old stop\n");
}

TEST(Plan, TakesAFlagOnAServiceForAllThatItWrites) {
  const auto plan = plan_of(
      "volume data\n"
      "volume keep cofferdam.backup=false\n"
      "volume share opt:type=nfs opt:device=:/x opt:o=addr=1,password=s3cret\n"
      "service web label=cofferdam.backup=true rw=data:/d rw=keep:/k rw=share:/s rw=/srv/up:/up "
      "ro=/srv/conf:/c rw=/var/run/docker.sock:/var/run/docker.sock anonymous=/cache tmpfs=/tmp\n");

  EXPECT_EQ(decisions(plan),
            "copy /srv/up stop\n"
            "copy data stop\n"
            "copy web/1:/cache stop\n"
            "stop shop-web-1: writes /srv/up, data and web/1:/cache\n");
  EXPECT_EQ(plan.volumes[1].reason, "label of service web");
  EXPECT_EQ(unprotected(plan),
            "bind mount /srv/conf of web: not flagged\n"
            "bind mount /var/run/docker.sock: belongs to the host or to the engine\n"
            "volume keep (shop_keep): cofferdam.backup is false (label of volume shop_keep)\n"
            "volume share (shop_share): not flagged; its bytes live on another host (nfs :/x "
            "addr=1)\n"
            "tmpfs web: /tmp: tmpfs\n");
}

TEST(Plan, CapturesARemoteVolumeOnlyIfThatVolumeIsFlagged) {
  EXPECT_EQ(check("volume share opt:type=nfs opt:device=:/x cofferdam.backup=true\n"
                  "service web rw=share:/s\n"),
            "copy share stop\nstop shop-web-1: writes share\n");
}

TEST(Plan, CapturesOneDirectoryOnce) {
  const auto plan = plan_of(
      "volume a opt:type=none opt:o=bind opt:device=/srv/x\n"
      "volume b opt:type=none opt:o=bind opt:device=/srv/x cofferdam.backup=true\n"
      "volume c opt:type=none opt:o=bind opt:device=/srv/x cofferdam.backup=true\n"
      "service web rw=a:/x\n"
      "service app rw=b:/x\n"
      "service sub rw=/srv/x/deep:/y\n");

  EXPECT_EQ(decisions(plan),
            "copy b stop\n"
            "stop shop-app-1: writes b\n"
            "stop shop-sub-1: writes b\n"
            "stop shop-web-1: writes b\n");
  EXPECT_EQ(unprotected(plan), "");
}

TEST(Plan, DoesNotTakeAnExcludedMountForCaptured) {
  EXPECT_EQ(unprotected(plan_of("service web rw=/srv/x:/x rw=/srv/x/thumbs:/y\n", {},
                                "volumes: {/srv/x: {backup: true, exclude: [thumbs/**]}}\n")),
            "bind mount /srv/x/thumbs of web: not flagged\n");
}

TEST(Plan, HasASafeNameForEveryArtifact) {
  const auto plan = plan_of(
      "service web rw=/srv/A:/a rw=/srv/a:/b rw=/srv_a:/c rw=/.hidden:/d anonymous=/e "
      "label=cofferdam.backup=true\n");

  std::string names;
  for (const auto& volume : plan.volumes) {
    names += volume.key + " " + volume.artifact + "\n";
  }
  EXPECT_EQ(names,
            "/.hidden volumes/hidden.tar.zst\n"
            "/srv/A volumes/srv_A.tar.zst\n"
            "/srv/a volumes/srv_a-2.tar.zst\n"
            "/srv_a volumes/srv_a-3.tar.zst\n"
            "web/1:/e volumes/web_1__e.tar.zst\n");
}

TEST(Plan, UsesTheExtensionAsked) {
  PlanRequest request;
  request.compression_extension = ".gz";

  EXPECT_EQ(plan_of("volume a cofferdam.backup=true\n", request).volumes.front().artifact,
            "volumes/a.tar.gz");
}

TEST(Plan, WarnsIfNothingIsFlagged) {
  EXPECT_EQ(warnings(plan_of("volume a\nservice web rw=a:/a\n")),
            "nothing is flagged with cofferdam.backup: true\n");
}

TEST(Plan, WarnsOfSettingsWithoutAFlag) {
  EXPECT_NE(warnings(plan_of("volume a cofferdam.mode=live\nservice web rw=a:/a\n"))
                .find("volume a (shop_a) is not flagged: what label of volume shop_a says has no "
                      "effect\n"),
            std::string::npos);
}

// ---- databases -------------------------------------------------------------------------------

constexpr const char* kPostgres =
    "volume pg cofferdam.backup=true\n"
    "service db rw=pg:/var/lib/postgresql/data\n";

TEST(PlanDatabase, IsDumpedWhileItRuns) {
  const auto plan = plan_of(kPostgres, with_postgres("db"));

  EXPECT_EQ(decisions(plan), "dump db in pg\n");
  EXPECT_EQ(plan.databases.front().reason, "label of volume shop_pg");
  EXPECT_EQ(plan.databases.front().container.value.size(), 64U);
  EXPECT_EQ(unprotected(plan), "");
}

TEST(PlanDatabase, IsDumpedAsFarAsNamed) {
  EXPECT_EQ(plan_of("volume pg cofferdam.backup=true\n"
                    "service db rw=pg:/var/lib/postgresql/data label=cofferdam.databases=a,b\n",
                    with_postgres("db"))
                .databases.front()
                .databases,
            (std::vector<std::string>{"a", "b"}));
}

TEST(PlanDatabase, IsCopiedColdIfItsVolumeSaysSo) {
  const auto cold = [](const std::string& mode) {
    return check("volume pg cofferdam.backup=true cofferdam.mode=" + mode +
                     "\nservice db rw=pg:/var/lib/postgresql/data\n",
                 with_postgres("db"));
  };

  EXPECT_EQ(cold("dump"), "dump db in pg\n");
  EXPECT_EQ(cold("stop"), "copy pg stop\nstop shop-db-1: writes pg\n");
  EXPECT_EQ(cold("pause"), "copy pg pause\npause shop-db-1: writes pg\n");
  EXPECT_EQ(cold("live"), "copy pg live\n");
}

TEST(PlanDatabase, IsAPlainVolumeIfThePolicySaysNone) {
  EXPECT_EQ(check("volume pg cofferdam.backup=true\n"
                  "service db rw=pg:/var/lib/postgresql/data label=cofferdam.database=none\n",
                  with_postgres("db")),
            "copy pg stop\nstop shop-db-1: writes pg\n");
}

TEST(PlanDatabase, MayBeNamedByTheConfigFile) {
  EXPECT_EQ(check(kPostgres, {}, "services: {db: {database: postgres}}\n"), "dump db in pg\n");
}

TEST(PlanDatabase, IsNotDumpedUnlessFlagged) {
  const auto plan =
      plan_of("volume pg\nservice db rw=pg:/var/lib/postgresql/data\n", with_postgres("db"));

  EXPECT_EQ(decisions(plan), "");
  EXPECT_EQ(unprotected(plan), "volume pg (shop_pg): not flagged\n");
}

TEST(PlanDatabase, ThatIsDownIsCopiedInstead) {
  const std::string down = "service db rw=pg:/var/lib/postgresql/data state=exited\n";

  const auto plan = plan_of("volume pg cofferdam.backup=true\n" + down, with_postgres("db"));

  EXPECT_EQ(decisions(plan), "copy pg stop\n");
  EXPECT_EQ(warnings(plan), "database db is not running: its files are copied instead of a dump\n");
  EXPECT_EQ(
      refusal("volume pg cofferdam.backup=true cofferdam.mode=dump\n" + down, with_postgres("db")),
      "cannot dump database db: it is not running");
}

TEST(PlanDatabase, ThatIsNeitherUpNorDownIsRefused) {
  EXPECT_EQ(refusal("volume pg cofferdam.backup=true\n"
                    "service db rw=pg:/var/lib/postgresql/data state=paused\n",
                    with_postgres("db")),
            "cannot dump database db: container shop-db-1 is paused. Bring it up, or set "
            "cofferdam.mode: stop on its volume");
}

TEST(PlanDatabase, IsNeverStoppedForAnotherOfItsVolumes) {
  EXPECT_EQ(refusal("volume pg cofferdam.backup=true\n"
                    "volume wal cofferdam.backup=true\n"
                    "service db rw=pg:/var/lib/postgresql/data rw=wal:/wal\n",
                    with_postgres("db")),
            "cannot stop database db to copy volume wal (shop_wal) while it is dumped: set "
            "cofferdam.mode: live or pause on that volume, or stop on the volume of the database");
}

TEST(PlanDatabase, StaysUpThoughItsDependencyStops) {
  const auto plan = plan_of(
      "volume pg cofferdam.backup=true\n"
      "volume a cofferdam.backup=true\n"
      "service app rw=a:/a\n"
      "service db rw=pg:/var/lib/postgresql/data needs=app:service_started:true\n"
      "service web needs=db:service_started:true\n",
      with_postgres("db"));

  EXPECT_EQ(decisions(plan), "dump db in pg\ncopy a stop\nstop shop-app-1: writes a\n");
  EXPECT_EQ(warnings(plan),
            "database db, which is dumped, stays up although it depends on app with restart: "
            "true\n");
}

TEST(PlanDatabase, ThatWouldLoseItsNetworkIsRefused) {
  EXPECT_EQ(refusal("volume pg cofferdam.backup=true\n"
                    "volume a cofferdam.backup=true\n"
                    "service vpn rw=a:/a\n"
                    "service db rw=pg:/var/lib/postgresql/data net=shop-vpn-1\n",
                    with_postgres("db")),
            "cannot stop vpn, which writes a: database db, which is dumped, shares its network "
            "and has to stay up. Set cofferdam.mode: pause or live on the volume, or do not share");
}

// Postgres 18 and later: the volume at the old place holds nothing.
TEST(PlanDatabase, WithItsFilesInAnAnonymousVolumeIsDumpedWithAWarning) {
  const auto plan = plan_of(
      "volume pg cofferdam.backup=true\n"
      "service db rw=pg:/var/lib/postgresql anonymous=/var/lib/postgresql/data\n",
      with_postgres("db"));

  EXPECT_EQ(decisions(plan), "dump db in db/1:/var/lib/postgresql/data\n");
  EXPECT_EQ(warnings(plan),
            "the files of database db lie in an anonymous volume: they are left behind when its "
            "container is removed, volume pg does not hold them\n");
  EXPECT_EQ(unprotected(plan), "");
}

TEST(PlanDatabase, WithItsFilesOnNoVolumeIsDumpedIfItsServiceIsFlagged) {
  const auto plan = plan_of("service db label=cofferdam.backup=true\n", with_postgres("db"));

  EXPECT_EQ(decisions(plan), "dump db in \n");
  EXPECT_EQ(warnings(plan),
            "the files of database db lie on no volume: they vanish with its container\n");
}

TEST(PlanDatabase, IsNeededForModeDump) {
  EXPECT_EQ(policy_error("volume a cofferdam.backup=true cofferdam.mode=dump\n"
                         "service app rw=a:/a\n"),
            "label of volume shop_a: cofferdam.mode: dump: no known database keeps its files in "
            "volume a");
}

// ---- what stops ------------------------------------------------------------------------------

TEST(PlanStops, DependentsFirstAndOnlyThoseThatMust) {
  EXPECT_EQ(check("volume redis cofferdam.backup=true\n"
                  "service redis rw=redis:/data checked\n"
                  "service app needs=redis:service_healthy:true rw=redis:/x\n"
                  "service ui needs=app:service_started:true\n"
                  "service blog needs=redis:service_started:false\n"),
            "copy redis stop\n"
            "stop shop-ui-1: depends on app, restart: true\n"
            "stop shop-app-1: writes redis\n"
            "stop shop-redis-1: writes redis (healthy)\n");
}

TEST(PlanStops, OnlyWhatIsAlive) {
  EXPECT_EQ(check("volume a cofferdam.backup=true\n"
                  "service app rw=a:/a\n"
                  "service app n=2 rw=a:/a state=exited\n"
                  "service job rw=a:/a state=created\n"
                  "service down needs=app:service_started:true state=exited\n"
                  "service behind needs=down:service_started:true\n"),
            "copy a stop\nstop shop-app-1: writes a\n");
}

TEST(PlanStops, RemembersEverythingNeededToBringItBack) {
  auto parsed = compose_test::parse(
      "volume a cofferdam.backup=true\n"
      "service app n=3 rw=a:/a state=paused\n");
  parsed.seen.containers.front().restart_policy = {"on-failure", 4};
  const auto stack = compose::read_stack(parsed.seen, "shop", std::nullopt);

  const auto plan = controller::plan_capture(stack, controller::read_policy(stack, ""), {});

  ASSERT_EQ(plan.stops.size(), 1U);
  const auto& stop = plan.stops.front();
  EXPECT_EQ(stop.container, parsed.seen.containers.front().id);
  EXPECT_EQ(stop.project + "/" + stop.service, "shop/app");
  EXPECT_EQ(stop.number, 3);
  EXPECT_EQ(stop.state, dockerapi::ContainerState::Paused);
  EXPECT_EQ(stop.restart_policy, (dockerapi::RestartPolicy{"on-failure", 4}));
  EXPECT_EQ(stop.started_at, parsed.seen.containers.front().started_at);
}

TEST(PlanStops, SharersOfNamespacesToo) {
  EXPECT_EQ(check("volume a cofferdam.backup=true\n"
                  "service vpn rw=a:/a\n"
                  "service torrent net=shop-vpn-1\n"
                  "container probe net=shop-vpn-1\n"),
            "copy a stop\n"
            "stop probe: shares the network of vpn\n"
            "stop shop-torrent-1: shares the network of vpn\n"
            "stop shop-vpn-1: writes a\n");
}

TEST(PlanStops, WritersOfOtherProjectsToo) {
  const auto plan = plan_of(
      "volume a cofferdam.backup=true\n"
      "service app rw=a:/a\n"
      "service web project=other rw=shop_a:/a needs=db:service_started:false\n"
      "service db project=other rw=shop_a:/b\n");

  EXPECT_EQ(decisions(plan),
            "copy a stop\n"
            "stop other-web-1: writes a\n"
            "stop shop-app-1: writes a\n"
            "stop other-db-1: writes a\n");
  EXPECT_EQ(warnings(plan),
            "other/web is not of this project and is stopped too: it writes a\n"
            "other/db is not of this project and is stopped too: it writes a\n");
}

TEST(PlanStops, NothingForALiveCopy) {
  EXPECT_EQ(check("volume a cofferdam.backup=true cofferdam.mode=live\nservice app rw=a:/a\n"),
            "copy a live\n");
}

TEST(PlanStops, PausesWhereAsked) {
  EXPECT_EQ(check("volume a cofferdam.backup=true cofferdam.mode=pause\n"
                  "service app rw=a:/a\n"
                  "service side net=shop-app-1\n"
                  "service still rw=a:/a state=paused\n"
                  "service ui needs=app:service_started:true\n"),
            "copy a pause\npause shop-app-1: writes a\n");
}

TEST(PlanStops, StopsWhatIsToBePausedAndStopped) {
  EXPECT_EQ(check("volume a cofferdam.backup=true cofferdam.mode=pause\n"
                  "volume b cofferdam.backup=true\n"
                  "service app rw=a:/a rw=b:/b\n"),
            "copy a pause\ncopy b stop\nstop shop-app-1: writes b\n");
}

TEST(PlanStops, StopsWhatKeepsRestartingSinceItCannotBePaused) {
  const auto plan = plan_of(
      "volume a cofferdam.backup=true cofferdam.mode=pause\n"
      "service app rw=a:/a state=restarting\n");

  EXPECT_EQ(decisions(plan), "copy a pause\nstop shop-app-1: writes a\n");
  EXPECT_EQ(warnings(plan), "shop-app-1 keeps restarting\n");
}

TEST(PlanStops, TakesTheModeOfTheServiceForWhatSaysNothing) {
  EXPECT_EQ(check("volume a\n"
                  "volume b cofferdam.mode=stop\n"
                  "service app label=cofferdam.backup=true label=cofferdam.mode=live rw=a:/a\n"
                  "service web label=cofferdam.backup=true label=cofferdam.mode=live rw=b:/b\n"),
            "copy a live\ncopy b stop\nstop shop-web-1: writes b\n");
  EXPECT_EQ(policy_error("volume a cofferdam.backup=true\n"
                         "service app label=cofferdam.mode=live rw=a:/a\n"
                         "service web label=cofferdam.mode=pause rw=a:/a\n"),
            "services app and web say different modes for volume a: set cofferdam.mode on the "
            "volume");
}

// Stopped, the engine would remove it, and its anonymous volumes with it.
TEST(PlanStops, PausesWhatWouldNotComeBack) {
  const auto plan = plan_of(
      "volume a cofferdam.backup=true\n"
      "service app rw=a:/a\n"
      "service app n=9 oneoff rw=a:/a\n"
      "container probe autoremove rw=shop_a:/a\n");

  EXPECT_EQ(decisions(plan),
            "copy a stop\n"
            "pause probe: writes a\n"
            "pause shop-app-9: writes a\n"
            "stop shop-app-1: writes a\n");
  EXPECT_EQ(plan.volumes.front().only_paused, (std::vector<std::string>{"shop-app-9", "probe"}));
  EXPECT_EQ(warnings(plan),
            "container shop-app-9, which would not come back from a stop, writes volume a: it is "
            "paused only, so that copy is not quiesced\n"
            "container probe, which would not come back from a stop, writes volume a: it is "
            "paused only, so that copy is not quiesced\n"
            "probe is not of this project and is paused too: it writes a\n");
}

TEST(PlanStops, RefusesToTakeTheNetworkFromWhatWouldNotComeBack) {
  EXPECT_EQ(refusal("volume a cofferdam.backup=true\n"
                    "service app rw=a:/a\n"
                    "container probe autoremove net=shop-app-1\n"),
            "cannot stop app, which writes a: container probe, which would not come back from a "
            "stop, shares its network and has to stay up. Set cofferdam.mode: pause or live on "
            "the volume, or do not share");
}

TEST(PlanStops, RefusesSwarmTasks) {
  EXPECT_EQ(refusal("volume a cofferdam.backup=true\n"
                    "container web.1.x task rw=shop_a:/a\n"
                    "service app ro=a:/a\n"),
            "cannot capture volume a (shop_a): web.1.x writes it and is a task of a Swarm, which "
            "would replace it at once. Set cofferdam.mode: live, or scale it down first");
}

TEST(PlanStops, NeverOurselves) {
  EXPECT_EQ(check("volume a cofferdam.backup=true\n"
                  "service app rw=a:/a\n"
                  "service cofferdam self needs=app:service_started:true ro=a:/in\n"),
            "copy a stop\nstop shop-app-1: writes a\n");
}

TEST(PlanStops, RefusesToCaptureOurOwnStore) {
  EXPECT_EQ(refusal("volume store cofferdam.backup=true\n"
                    "service cofferdam self rw=store:/backups\n"),
            "cannot capture volume store (shop_store): Cofferdam itself writes it, and a snapshot "
            "cannot hold its own store. Take the flag away, or mount it read-only into Cofferdam");
  EXPECT_NE(refusal("volume all opt:type=none opt:o=bind opt:device=/srv cofferdam.backup=true "
                    "cofferdam.mode=live\n"
                    "service app rw=all:/x\n"
                    "service cofferdam self rw=/srv/backups:/backups\n")
                .find("Cofferdam itself writes it"),
            std::string::npos);
}

TEST(PlanStops, RefusesToTakeOurOwnNetwork) {
  EXPECT_EQ(refusal("volume a cofferdam.backup=true\n"
                    "service vpn rw=a:/a\n"
                    "service cofferdam self net=shop-vpn-1\n"),
            "cannot stop vpn, which writes a: our own container shares its network and has to "
            "stay up. Set cofferdam.mode: pause or live on the volume, or do not share");
}

TEST(PlanStops, AwaitsHealthOnlyWhereItCanCome) {
  const auto plan = plan_of(
      "volume a cofferdam.backup=true\n"
      "service x rw=a:/x\n"
      "service y rw=a:/y health=unhealthy\n"
      "service z rw=a:/z health=healthy\n"
      "service ui needs=x:service_healthy:false,y:service_healthy:false,z:service_healthy:false\n");

  EXPECT_EQ(decisions(plan),
            "copy a stop\n"
            "stop shop-x-1: writes a\n"
            "stop shop-y-1: writes a\n"
            "stop shop-z-1: writes a (healthy)\n");
  EXPECT_EQ(warnings(plan), "shop-y-1 is unhealthy already: its health will not be awaited\n");
}

TEST(PlanStops, ReportsBrokenCycles) {
  EXPECT_EQ(warnings(plan_of("volume a cofferdam.backup=true\n"
                             "service x rw=a:/a needs=y:service_started:false\n"
                             "service y rw=a:/a needs=x:service_started:false\n")),
            "dependencies go round in a circle: x -> y -> x: edge x -> y ignored\n");
}

// ---- a part of it ----------------------------------------------------------------------------

TEST(PlanServices, CaptureOnlyWhatTheyProduce) {
  const std::string text =
      "volume pg cofferdam.backup=true\n"
      "volume a cofferdam.backup=true\n"
      "volume b cofferdam.backup=true\n"
      "service db rw=pg:/var/lib/postgresql/data\n"
      "service app rw=a:/a\n"
      "service web ro=b:/b\n";
  auto request = with_postgres("db");

  request.services = {"db"};
  EXPECT_EQ(check(text, request), "dump db in pg\n");
  request.services = {"app"};
  EXPECT_EQ(check(text, request), "copy a stop\nstop shop-app-1: writes a\n");
  EXPECT_EQ(unprotected(plan_of(text, request)),
            "volume b (shop_b): not selected by --services\n"
            "volume pg (shop_pg): not selected by --services\n");
  request.services = {"web", "db"};
  EXPECT_EQ(check(text, request), "dump db in pg\ncopy b stop\n");
}

TEST(PlanServices, ThatAreUnknownAreNamed) {
  PlanRequest request;
  request.services = {"redsi"};
  try {
    plan_of("service web\nservice redis\n", request);
    FAIL() << "planned";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "project shop has no service redsi; it has redis, web");
  }
}

TEST(PlanServices, WithNothingFlaggedAreReported) {
  PlanRequest request;
  request.services = {"web"};

  EXPECT_EQ(warnings(plan_of("volume a cofferdam.backup=true\nservice web\n", request)),
            "nothing of the named services is flagged\n");
}

// ---- platform version ------------------------------------------------------------------------

std::string version(const std::string& text) {
  return plan_of(text, with_postgres("db")).platform_version;
}

TEST(PlatformVersion, IsReadWhereTheLabelSays) {
  EXPECT_EQ(version("service db image=postgres:16\n"
                    "service app image=reg.local:5000/app:2.4.1@sha256:00 "
                    "label=cofferdam.version=image-tag\n"
                    "service web image=web:9 label=cofferdam.version=image-tag\n"),
            "2.4.1");
  EXPECT_EQ(version("service app label=cofferdam.version=label:org.version label=org.version=7\n"),
            "7");
  EXPECT_EQ(version("service app label=cofferdam.version=env:APP_VERSION env=APP_VERSION=8.1\n"),
            "8.1");
}

TEST(PlatformVersion, IsTheTagThatAllShareIfNothingIsSaid) {
  EXPECT_EQ(version("service db image=postgres:16\n"
                    "service app image=app:3\nservice api image=api:3\n"
                    "service cofferdam self image=cofferdam:dev\n"),
            "3");
  EXPECT_EQ(version("service app image=app:3\nservice api image=api:4\n"), "");
  EXPECT_EQ(version("service app image=reg.local:5000/app\n"), "");
}

TEST(PlatformVersion, MustBeWhereTheLabelSays) {
  EXPECT_EQ(policy_error("service app label=cofferdam.version=env:APP_VERSION\n"),
            "label of service app: cofferdam.version: service app has no variable APP_VERSION");
}

// ---- whatever the stack ----------------------------------------------------------------------

std::string random_stack(std::mt19937& random, std::size_t count) {
  std::string text = "volume v cofferdam.backup=true\n";
  const std::size_t self = random() % count;
  for (std::size_t i = 0; i < count; ++i) {
    text += "service s" + std::to_string(i) + compose_test::random_needs(random, i, count);
    text += i != self && random() % 3 == 0 ? " rw=v:/v" : " ro=v:/v";
    text += i == self ? " self" : "";
    text += random() % 5 == 0 ? " state=exited\n" : "\n";
  }
  return text;
}

/// Where each service stands among the stops; all are checked for what holds for any one.
std::map<std::string, std::size_t> positions(const compose::Stack& stack, const CapturePlan& plan) {
  std::map<std::string, std::size_t> position;
  for (const auto& stop : plan.stops) {
    EXPECT_NE(stop.container, *stack.self);
    EXPECT_EQ(stop.state, dockerapi::ContainerState::Running);
    EXPECT_TRUE(position.emplace(stop.service, position.size()).second);
  }
  EXPECT_TRUE(
      std::is_sorted(plan.stops.begin(), plan.stops.end(),
                     [](const auto& one, const auto& other) { return one.level > other.level; }));
  return position;
}

bool is_broken(const CapturePlan& plan, const compose::Dependency& edge) {
  return warnings(plan).find("edge " + edge.from + " -> " + edge.to + " ignored") !=
         std::string::npos;
}

// Starts are the stops backwards: so nobody starts before what it needs.
TEST(PlanStops, HoldForRandomStacks) {
  std::mt19937 random(20261121);
  std::size_t stopped = 0;
  for (int round = 0; round < 300; ++round) {
    const auto text = random_stack(random, 2 + random() % 9);
    SCOPED_TRACE(text);
    const auto stack = stack_of(text);

    const auto plan = controller::plan_capture(stack, controller::read_policy(stack, ""), {});

    const auto position = positions(stack, plan);
    for (const auto& edge : stack.dependencies) {
      if (position.contains(edge.from) && position.contains(edge.to) && !is_broken(plan, edge)) {
        EXPECT_LT(position.at(edge.from), position.at(edge.to));
      }
    }
    for (const auto& user : stack.volumes.front().users) {
      EXPECT_TRUE(!user.writes || !user.alive || position.contains(user.service));
    }
    stopped += plan.stops.size();
  }
  EXPECT_GT(stopped, 300U);
}

std::string chain_of(int count) {
  std::string text;
  std::string needs;
  for (int i = 0; i < count; ++i) {
    const auto name = std::to_string(i);
    text.append("volume v").append(name).append(" cofferdam.backup=true\n");
    text.append("service s").append(name).append(" rw=v").append(name).append(":/v");
    text.append(" rw=/srv/").append(name).append(":/b needs=").append(needs).append("\n");
    needs.append("s").append(name).append(":service_healthy:true,");
  }
  return text;
}

TEST(Plan, OfFiftyServicesIsFast) {
  const auto parsed = compose_test::parse(chain_of(50));
  const auto begin = std::chrono::steady_clock::now();

  const auto stack = compose::read_stack(parsed.seen, "shop", std::nullopt);
  const auto plan = controller::plan_capture(stack, controller::read_policy(stack, ""), {});

  EXPECT_EQ(plan.stops.size(), 50U);
  EXPECT_EQ(plan.stops.front().service, "s49");
  // 0.3 s is what the whole command may take; ten times that leaves room for sanitizers.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

}  // namespace
