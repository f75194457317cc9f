#include "controller/restore/restore_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/restore/restore_guards.h"
#include "tests/compose/stack_text.h"

namespace controller {
namespace {

using testing::HasSubstr;

const RestoreRequest kStopRunning{{}, {}, true};

constexpr const char* kShop =
    "volume files\n"
    "volume pg\n"
    "service db rw=pg:/var/lib/postgresql/data image=postgres:16\n"
    "service web rw=files:/files needs=db:service_healthy:false\n"
    "service mirror ro=files:/files\n";

/// A snapshot of project `project`: volume files of web, database app of db.
Manifest snapshot_of(const std::string& project) {
  Manifest manifest;
  manifest.name = "nightly";
  manifest.project = project;
  VolumeRecord volume;
  volume.key = "files";
  volume.kind = "named";
  volume.name = project + "_files";
  volume.driver = "local";
  volume.labels = {{"com.docker.compose.project", project},
                   {"com.docker.compose.volume", "files"},
                   {"com.docker.compose.config-hash", "abc"}};
  volume.services = {"web"};
  volume.artifact.path = "volumes/files.tar.zst";
  manifest.volumes.push_back(volume);
  DatabaseRecord database;
  database.engine = "postgres";
  database.service = "db";
  database.name = "app";
  manifest.databases.push_back(database);
  manifest.servers.push_back({"postgres", "db", "[]", {}});
  return manifest;
}

RestorePlan plan(const std::string& text, const Manifest& manifest, const RestoreRequest& request,
                 const Circumstances& circumstances = {}) {
  const auto parsed = compose_test::parse(text);
  return plan_restore(parsed.seen, compose::read_stack(parsed.seen, "shop", parsed.self), manifest,
                      request, circumstances);
}

std::string refusal(const std::string& text, const Manifest& manifest,
                    const RestoreRequest& request, const Circumstances& circumstances = {}) {
  try {
    plan(text, manifest, request, circumstances);
  } catch (const RestoreRefusal& error) {
    return error.what();
  }
  return "not refused";
}

TEST(RestorePlan, StopsWritersAndReadersOfAVolumeButNeverTheDatabase) {
  EXPECT_EQ(to_text(plan(kShop, snapshot_of("shop"), kStopRunning)),
            "restore nightly into project shop\n"
            "  volume files -> shop_files (volume files of project shop): staged while everything "
            "runs, then exchanged\n"
            "  database db/app: replaced by rename, its server stays up\n"
            "  stop shop-mirror-1: uses files\n"
            "  stop shop-web-1: uses files\n"
            "  left as it is: volume pg, which is not in the snapshot\n");
}

TEST(RestorePlan, StopsTheDependentsOfADatabaseFirstAndStartsThemLast) {
  const auto planned = plan(
      "volume pg\n"
      "service db rw=pg:/var/lib/postgresql/data image=postgres:16\n"
      "service api needs=db:service_healthy:false\n"
      "service worker needs=db:service_started:false,api:service_started:false\n"
      "service proxy needs=api:service_started:false\n",
      snapshot_of("shop"), {{"db"}, {}, true});

  EXPECT_EQ(to_text(planned),
            "restore nightly into project shop\n"
            "  database db/app: replaced by rename, its server stays up\n"
            "  stop shop-worker-1: depends on database db\n"
            "  stop shop-api-1: depends on database db\n"
            "  left as it is: volume pg, which is not in the snapshot\n");
}

TEST(RestorePlan, AwaitsTheHealthOfEverybodyItStops) {
  const auto planned = plan(
      "volume files\n"
      "service db image=postgres:16\n"
      "service web rw=files:/files checked=1 health=healthy\n"
      "service sick rw=files:/files checked=1 health=unhealthy\n"
      "service plain rw=files:/files\n",
      snapshot_of("shop"), kStopRunning);

  std::map<std::string, bool> awaited;
  for (const auto& stop : planned.stops) {
    awaited[stop.service] = stop.await_healthy;
  }
  EXPECT_EQ(awaited,
            (std::map<std::string, bool>{{"web", true}, {"sick", false}, {"plain", false}}));
}

TEST(RestorePlan, RefusesAnotherMajorVersionOfThePlatformUnlessTold) {
  auto manifest = snapshot_of("shop");
  manifest.platform_version = "v1.9.2";
  RestoreRequest request = kStopRunning;

  EXPECT_THAT(
      refusal(kShop, manifest, request, {"2.0.0", "", {}, {}}),
      testing::AllOf(HasSubstr("v1.9.2"), HasSubstr("2.0.0"), HasSubstr("--ignore-version")));
  request.ignore_version = true;
  EXPECT_THAT(plan(kShop, manifest, request, {"2.0.0", "", {}, {}}).warnings,
              testing::Contains(HasSubstr("restored all the same")));
  EXPECT_THAT(plan(kShop, manifest, kStopRunning, {"v1.10.0", "", {}, {}}).warnings,
              testing::Contains(HasSubstr("v1.10.0")));
  EXPECT_TRUE(plan(kShop, manifest, kStopRunning, {"v1.9.2", "", {}, {}}).warnings.empty());
  EXPECT_THAT(plan(kShop, manifest, kStopRunning, {"main", "", {}, {}}).warnings,
              testing::Contains(HasSubstr("cannot be compared")));
}

TEST(RestoreGuards, CompareVersionsByTheirFirstNumber) {
  EXPECT_EQ(compare_versions("1.4", "1.4"), VersionStep::Same);
  EXPECT_EQ(compare_versions("v1.4", "1.5"), VersionStep::Minor);
  EXPECT_EQ(compare_versions("16-3.4", "17-3.4"), VersionStep::Major);
  EXPECT_EQ(compare_versions("9", "10"), VersionStep::Major);
  EXPECT_EQ(compare_versions("latest", "2"), VersionStep::Unknown);
  EXPECT_EQ(compare_versions("", ""), VersionStep::Unknown);
}

TEST(RestorePlan, RefusesFilesOfADatabaseFromAnotherArchitecture) {
  auto manifest = snapshot_of("shop");
  manifest.architecture = "arm64";
  manifest.volumes[0].services = {"db"};

  EXPECT_THAT(refusal(kShop, manifest, kStopRunning, {"", "amd64", {"db"}, {}}),
              testing::AllOf(HasSubstr("arm64"), HasSubstr("amd64")));
  EXPECT_EQ(refusal(kShop, manifest, kStopRunning, {"", "amd64", {}, {}}), "not refused");
  EXPECT_EQ(refusal(kShop, manifest, kStopRunning, {"", "arm64", {"db"}, {}}), "not refused");
}

TEST(RestorePlan, IsNarrowedToSingleVolumesAndDatabases) {
  auto manifest = snapshot_of("shop");
  auto second = manifest.volumes[0];
  second.key = "more";
  second.name = "shop_more";
  manifest.volumes.push_back(second);
  RestoreRequest request = kStopRunning;
  request.only_volumes = {"more"};
  auto planned = plan(kShop, manifest, request);
  ASSERT_EQ(planned.volumes.size(), 1U);
  EXPECT_EQ(planned.volumes[0].record.key, "more");
  EXPECT_TRUE(planned.databases.empty());

  request.only_databases = {"db/app"};
  planned = plan(kShop, manifest, request);
  EXPECT_EQ(planned.volumes.size(), 1U);
  EXPECT_EQ(planned.databases.size(), 1U);

  RestoreRequest without = kStopRunning;
  without.with_databases = false;
  EXPECT_TRUE(plan(kShop, manifest, without).databases.empty());
  without = kStopRunning;
  without.with_volumes = false;
  EXPECT_TRUE(plan(kShop, manifest, without).volumes.empty());

  request.only_databases = {"nobody"};
  EXPECT_THROW(plan(kShop, manifest, request), std::invalid_argument);
  request.only_volumes = {"nothing"};
  EXPECT_THROW(plan(kShop, manifest, request), std::invalid_argument);
}

TEST(RestorePlan, OfOneTableLeavesEverythingElseAlone) {
  auto manifest = snapshot_of("shop");
  manifest.databases.front().tables = {{"public", "items", 5, "0"}, {"public", "orders", 7, "0"}};
  RestoreRequest request;
  request.table = "public.items";

  const auto planned = plan(kShop, manifest, request);

  EXPECT_EQ(to_text(planned),
            "restore nightly into project shop\n"
            "  database db/app: the rows of table public.items replaced, in one transaction of the "
            "live database; nothing stops, nothing is kept\n");
  EXPECT_THAT(to_json(planned), HasSubstr(R"("name":"app","table":"public.items")"));
  request.table = "public.orders";
  EXPECT_NE(plan_hash(plan(kShop, manifest, request)), plan_hash(planned));
}

TEST(RestorePlan, OfATableThatSeveralDatabasesHaveNeedsItsDatabase) {
  auto manifest = snapshot_of("shop");
  manifest.databases.front().tables = {{"public", "items", 5, "0"}};
  manifest.databases.push_back(manifest.databases.front());
  manifest.databases.back().name = "archive";
  RestoreRequest request;
  const auto complaint = [&] {
    try {
      plan(kShop, manifest, request);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };

  request.table = "public.items";
  EXPECT_THAT(complaint(),
              testing::AllOf(HasSubstr("db/app, db/archive"), HasSubstr("--database")));
  request.table = "items";
  EXPECT_THAT(complaint(), testing::AllOf(HasSubstr("no table \"items\" with rows of its own in: "
                                                    "db/app, db/archive"),
                                          HasSubstr("SCHEMA.TABLE")));
  request.only_databases = {"archive"};
  request.table = "public.items";
  EXPECT_EQ(plan(kShop, manifest, request).databases.at(0).record.name, "archive");
}

TEST(RestorePlan, ACopyStopsNobodyAndTakesNewNames) {
  auto manifest = snapshot_of("shop");
  manifest.platform_version = "1.0";
  RestoreRequest request;
  request.copy_suffix = "tuesday";

  const auto planned = plan(kShop, manifest, request, {"2.0", "", {}, {}});

  EXPECT_EQ(planned.volumes.at(0).target, "shop_files_tuesday");
  EXPECT_TRUE(planned.volumes.at(0).create);
  EXPECT_FALSE(planned.volumes.at(0).spec.labels.contains("com.docker.compose.volume"));
  EXPECT_EQ(planned.databases.at(0).record.name, "app_tuesday");
  EXPECT_TRUE(planned.stops.empty());
  EXPECT_THAT(refusal(std::string(kShop) + "external shop_files_tuesday\n", manifest, request),
              HasSubstr("exists already"));
}

TEST(RestorePlan, ItsHashChangesWithWhatItWouldDo) {
  const auto manifest = snapshot_of("shop");
  const auto first = plan(kShop, manifest, kStopRunning);

  EXPECT_EQ(plan_hash(first), plan_hash(plan(kShop, manifest, kStopRunning)));
  EXPECT_EQ(plan_hash(first).size(), 16U);
  EXPECT_NE(plan_hash(first), plan_hash(plan(std::string(kShop) + "service late ro=files:/f\n",
                                             manifest, kStopRunning)));
  auto other = manifest;
  other.volumes[0].artifact.sha256 = "another";
  EXPECT_NE(plan_hash(first), plan_hash(plan(kShop, other, kStopRunning)));
  EXPECT_THAT(to_json(first), HasSubstr("\"hash\":\"" + plan_hash(first) + "\""));
}

TEST(RestorePlan, SaysWhichSnapshotsAreNewer) {
  EXPECT_THAT(plan(kShop, snapshot_of("shop"), kStopRunning, {"", "", {}, {"later"}}).warnings,
              testing::Contains("snapshot later is newer"));
}

RollbackPoint point_of(KeptItem::Kind kind, const std::string& subject) {
  return {"job1",
          "restore",
          "shop",
          "nightly",
          "2026-11-20T02:00:00Z",
          "2026-11-23T02:00:00Z",
          false,
          {{kind, subject, "/v/shop_files/_data", "job1", 0},
           {KeptItem::Kind::Database, "db", "app", "job1", 0}}};
}

RestorePlan undo_plan(const std::string& text, const RollbackPoint& point) {
  const auto parsed = compose_test::parse(text);
  return plan_undo(parsed.seen, compose::read_stack(parsed.seen, "shop", parsed.self), point, {});
}

TEST(UndoPlan, StopsWhoTheRestoreStopped) {
  EXPECT_EQ(to_text(undo_plan(kShop, point_of(KeptItem::Kind::Volume, "shop_files"))),
            "undo job1: back to what project shop was at 2026-11-20T02:00:00Z, before nightly was "
            "restored\n"
            "  volume shop_files -> shop_files (as it was kept): exchanged\n"
            "  database db/app: replaced by rename, its server stays up\n"
            "  stop shop-mirror-1: uses files\n"
            "  stop shop-web-1: uses files\n");
}

TEST(UndoPlan, IsRefusedIfAVolumeIsGone) {
  EXPECT_THROW(
      undo_plan("service db image=postgres:16\n", point_of(KeptItem::Kind::Volume, "shop_files")),
      RestoreRefusal);
}

TEST(UndoPlan, PutsBackAnArchiveInPlace) {
  const auto planned = undo_plan(kShop, point_of(KeptItem::Kind::Archive, "/srv/conf"));

  EXPECT_EQ(planned.volumes.at(0).method, SwapMethod::InPlace);
  EXPECT_EQ(planned.volumes.at(0).kept_archive, "/v/shop_files/_data");
}

TEST(RestorePlan, RefusesRunningUsersWithoutStopRunning) {
  EXPECT_THAT(refusal(kShop, snapshot_of("shop"), {}),
              testing::AllOf(HasSubstr("shop-web-1"), HasSubstr("--stop-running")));
}

TEST(RestorePlan, NeedsNoStopRunningWhereNobodyRuns) {
  const auto planned =
      plan("volume files\nservice web rw=files:/files state=exited\nservice db image=postgres:16\n",
           snapshot_of("shop"), {});

  EXPECT_TRUE(planned.stops.empty());
}

TEST(RestorePlan, TakesTheComposeKeyOfARenamedProject) {
  const auto planned = plan(kShop, snapshot_of("old"), kStopRunning);

  EXPECT_EQ(planned.volumes.at(0).target, "shop_files");
  EXPECT_FALSE(planned.volumes.at(0).create);
}

TEST(RestorePlan, FallsBackToTheRecordedName) {
  const auto planned =
      plan("external old_files\nservice db image=postgres:16\n", snapshot_of("old"), kStopRunning);

  EXPECT_EQ(planned.volumes.at(0).target, "old_files");
  EXPECT_EQ(planned.volumes.at(0).reason, "recorded name");
}

TEST(RestorePlan, MakesAMissingVolumeUnderTheProjectsOwnName) {
  const auto planned =
      plan("service db image=postgres:16\n", snapshot_of("old"), kStopRunning).volumes.at(0);

  EXPECT_TRUE(planned.create);
  EXPECT_EQ(planned.target, "shop_files");
  EXPECT_EQ(planned.spec.labels.at("com.docker.compose.project"), "shop");
  EXPECT_EQ(planned.spec.labels.at("com.docker.compose.volume"), "files");
  // Compose would compare it with its own, and offer to recreate the volume.
  EXPECT_FALSE(planned.spec.labels.contains("com.docker.compose.config-hash"));
}

TEST(RestorePlan, KeepsTheConfigHashOfAVolumeThatIsMadeAsItWas) {
  const auto planned =
      plan("service db image=postgres:16\n", snapshot_of("shop"), kStopRunning).volumes.at(0);

  EXPECT_EQ(planned.spec.labels.at("com.docker.compose.config-hash"), "abc");
}

TEST(RestorePlan, MapsAVolumeToAnotherName) {
  RestoreRequest request{{"web"}, {{"files", "elsewhere"}}, false};

  const auto planned = plan(kShop, snapshot_of("shop"), request);

  EXPECT_EQ(planned.volumes.at(0).target, "elsewhere");
  EXPECT_TRUE(planned.volumes.at(0).create);
  EXPECT_TRUE(planned.stops.empty());
}

TEST(RestorePlan, RestoresOnlyTheServicesThatWereAskedFor) {
  const auto planned = plan(kShop, snapshot_of("shop"), {{"db"}, {}, false});

  EXPECT_TRUE(planned.volumes.empty());
  EXPECT_EQ(planned.databases.size(), 1U);
  ASSERT_EQ(planned.stops.size(), 1U);
  EXPECT_EQ(planned.stops[0].name, "shop-web-1");
}

TEST(RestorePlan, AnUnknownServiceOrVolumeIsNamedWithThoseThereAre) {
  EXPECT_THROW(plan(kShop, snapshot_of("shop"), {{"nobody"}, {}, true}), std::invalid_argument);
  EXPECT_THROW(plan(kShop, snapshot_of("shop"), {{}, {{"nothing", "x"}}, true}),
               std::invalid_argument);
}

TEST(RestorePlan, RefusesADatabaseWhoseServerDoesNotRun) {
  EXPECT_THAT(refusal("volume files\nservice db state=exited image=postgres:16\n",
                      snapshot_of("shop"), kStopRunning),
              testing::AllOf(HasSubstr("service db"), HasSubstr("start it first")));
}

TEST(RestorePlan, RefusesATargetThatAStrangerHasOpen) {
  EXPECT_THAT(refusal("external old_files\n"
                      "container stranger rw=old_files:/data\n"
                      "service db image=postgres:16\n",
                      snapshot_of("old"), kStopRunning),
              HasSubstr("stranger"));
}

TEST(RestorePlan, ReplacesVolumesWithDriverOptionsInPlace) {
  const auto planned = plan(
      "volume files opt:type=none opt:o=bind opt:device=/srv/files\n"
      "service db image=postgres:16\n",
      snapshot_of("shop"), kStopRunning);

  EXPECT_EQ(planned.volumes.at(0).method, SwapMethod::InPlace);
}

TEST(RestorePlan, RefusesAVolumeWhoseRecordedOptionsHoldAMaskedPassword) {
  auto manifest = snapshot_of("shop");
  manifest.volumes[0].options = {{"o", "user=me,password=***"}};

  EXPECT_THAT(refusal("service db image=postgres:16\n", manifest, kStopRunning),
              HasSubstr("password"));
}

TEST(RestorePlan, RefusesTwoVolumesThatWouldGoIntoOne) {
  auto manifest = snapshot_of("shop");
  manifest.volumes.push_back(manifest.volumes[0]);
  manifest.volumes[1].key = "more";
  const RestoreRequest request{{}, {{"files", "one"}, {"more", "one"}}, true};

  EXPECT_THROW(plan(kShop, manifest, request), std::invalid_argument);
}

}  // namespace
}  // namespace controller
