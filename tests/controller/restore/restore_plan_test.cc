#include "controller/restore/restore_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/compose/stack_text.h"

namespace controller {
namespace {

using testing::HasSubstr;

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

RestorePlan plan(const std::string& text, const Manifest& manifest, const RestoreRequest& request) {
  const auto parsed = compose_test::parse(text);
  return plan_restore(parsed.seen, compose::read_stack(parsed.seen, "shop", parsed.self), manifest,
                      request);
}

std::string refusal(const std::string& text, const Manifest& manifest,
                    const RestoreRequest& request) {
  try {
    plan(text, manifest, request);
  } catch (const RestoreRefusal& error) {
    return error.what();
  }
  return "not refused";
}

const RestoreRequest kStopRunning{{}, {}, true};

TEST(RestorePlan, StopsWritersAndReadersOfAVolumeButNeverTheDatabase) {
  EXPECT_EQ(to_text(plan(kShop, snapshot_of("shop"), kStopRunning)),
            "restore nightly into project shop\n"
            "  volume files -> shop_files (volume files of project shop): replaced by exchange\n"
            "  database db/app: replaced by rename, its server stays up\n"
            "  stop shop-mirror-1: uses files\n"
            "  stop shop-web-1: uses files\n");
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
  EXPECT_TRUE(planned.stops.empty());
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
