#include "controller/plan/detections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/compose/stack_text.h"
#include "tests/fakes/fake_engine.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Refuses every look with this status.
class Forbidding : public fakes::FakeEngine {
 public:
  explicit Forbidding(int status) : status_(status) {}

  std::optional<dockerapi::PathStat> stat_path(const dockerapi::ContainerId&,
                                               const std::string&) override {
    throw dockerapi::Error("cannot look: engine answered " + std::to_string(status_), status_);
  }

 private:
  int status_;
};

/// A stack on an engine, and what lies where in its containers.
class DetectDatabases : public testing::Test {
 protected:
  void stack(const std::string& text) {
    const auto parsed = compose_test::parse(text);
    for (const auto& container : parsed.seen.containers) {
      engine_.add_container(container);
    }
    stack_ = compose::read_stack(parsed.seen, "shop", parsed.self);
  }

  void cluster(const std::string& container, const std::string& directory) {
    engine_.add_path({container}, directory + "/PG_VERSION", 3);
    engine_.add_path({container}, directory + "/global/pg_control", 8192);
  }

  Detections detect(dockerapi::Engine& engine, const std::string& config = "") {
    return detect_databases(engine, stack_, read_policy(stack_, config));
  }

  /// Questions that detection asks the engine.
  int looks(const std::string& text, const std::string& config = "") {
    stack(text);
    fakes::FaultyEngine counting(engine_);
    detect(counting, config);
    return counting.calls();
  }

  fakes::FakeEngine engine_;
  compose::Stack stack_;
};

TEST_F(DetectDatabases, KnowsAServerOfAnUnknownImageByTheClusterInItsVolume) {
  stack(
      "volume pg cofferdam.backup=true\n"
      "service db image=our-db:7 env=POSTGRES_PASSWORD=x rw=pg:/data\n"
      "service db image=our-db:7 env=POSTGRES_PASSWORD=x rw=pg:/data n=2\n");
  cluster("shop-db-1", "/data/pgdata");

  const auto found = detect(engine_);

  EXPECT_EQ(found.databases.at("db"),
            (DatabaseDetection{"postgres",
                               {"environment POSTGRES_PASSWORD", "cluster in /data/pgdata"},
                               "/data/pgdata"}));
  EXPECT_THAT(found.clusters, ElementsAre("pg"));
  EXPECT_THAT(found.problems, IsEmpty());
}

TEST_F(DetectDatabases, LooksWhereDebianAndNewImagesKeepTheirClusters) {
  stack(
      "volume pg cofferdam.backup=true\n"
      "service db image=our-db:7 env=POSTGRES_PASSWORD=x rw=pg:/var/lib/postgresql\n");
  engine_.add_path({"shop-db-1"}, "/var/lib/postgresql/15", 4096);
  cluster("shop-db-1", "/var/lib/postgresql/15/main");

  EXPECT_EQ(detect(engine_).databases.at("db").data_directory, "/var/lib/postgresql/15/main");
}

TEST_F(DetectDatabases, LooksIntoStoppedContainersToo) {
  stack(
      "volume pg cofferdam.backup=true\n"
      "service db image=our-db:7 env=POSTGRES_PASSWORD=x rw=pg:/data state=exited\n");
  cluster("shop-db-1", "/data");

  EXPECT_TRUE(detect(engine_).databases.contains("db"));
}

TEST_F(DetectDatabases, TellsOfAClusterWhoseServerNothingTells) {
  stack(
      "volume pg cofferdam.backup=true\n"
      "service db image=our-db:7 rw=pg:/data\n");
  cluster("shop-db-1", "/data");

  const auto found = detect(engine_);

  EXPECT_THAT(found.databases, IsEmpty());
  EXPECT_THAT(found.clusters, ElementsAre("pg"));
}

TEST_F(DetectDatabases, TakesNoOtherFolderForACluster) {
  stack(
      "volume files cofferdam.backup=true\n"
      "service app image=app:1 env=POSTGRES_PASSWORD=x rw=files:/data\n");
  engine_.add_path({"shop-app-1"}, "/data/PG_VERSION", 3);

  const auto found = detect(engine_);

  EXPECT_THAT(found.databases, IsEmpty());
  EXPECT_THAT(found.clusters, IsEmpty());
}

TEST_F(DetectDatabases, LooksNowhereIfThereIsNoNeed) {
  EXPECT_EQ(looks("volume pg cofferdam.backup=true\n"
                  "service db image=postgres:16 rw=pg:/var/lib/postgresql/data\n"),
            0);
}

// Each question costs the engine a millisecond or more, and there may be fifty services.
TEST_F(DetectDatabases, AsksLittleOfAServiceThatDoesNotSpeakOfPostgres) {
  EXPECT_EQ(looks("volume files cofferdam.backup=true\nservice app rw=files:/files\n"), 2);
}

TEST_F(DetectDatabases, LooksOnlyIntoWhatIsFlagged) {
  EXPECT_EQ(looks("volume files\nservice app rw=files:/data\n"), 0);
}

TEST_F(DetectDatabases, LooksOnlyWithTheEyesOfAWriter) {
  EXPECT_EQ(looks("volume files cofferdam.backup=true\n"
                  "service report ro=files:/data\n"
                  "container probe rw=shop_files:/x\n"),
            0);
}

TEST_F(DetectDatabases, TakesNoCompanionOfAServerForAnother) {
  stack(
      "volume pg cofferdam.backup=true\n"
      "service db image=postgres:16 rw=pg:/var/lib/postgresql/data\n"
      "service dumper image=dumper:1 env=POSTGRES_PASSWORD=x rw=pg:/data\n");
  cluster("shop-dumper-1", "/data");

  const auto found = detect(engine_);

  EXPECT_TRUE(found.databases.contains("db"));
  EXPECT_FALSE(found.databases.contains("dumper"));
}

TEST_F(DetectDatabases, BelievesTheLabelAndTheConfigFile) {
  EXPECT_EQ(looks("volume files cofferdam.backup=true\n"
                  "service app label=cofferdam.database=none rw=files:/data\n"),
            0);
  EXPECT_EQ(looks("volume files cofferdam.backup=true\n"
                  "service web rw=files:/data\n",
                  "services: {web: {database: none}}\n"),
            0);
}

// To look into a stopped container the engine mounts its volumes: a far server may not answer.
TEST_F(DetectDatabases, DoesNotMountFarVolumesForALook) {
  EXPECT_EQ(looks("volume far cofferdam.backup=true opt:type=nfs opt:device=:/x\n"
                  "service app rw=far:/data state=exited\n"),
            0);
}

TEST_F(DetectDatabases, SaysWhereItMayNotLook) {
  stack("volume files cofferdam.backup=true\nservice app rw=files:/data\n");
  Forbidding forbidding(403);

  EXPECT_THAT(detect(forbidding).problems,
              ElementsAre("cannot see whether volume files holds a database: cannot look: engine "
                          "answered 403"));
}

// The engine's answer where a path leads through a file.
TEST_F(DetectDatabases, TakesASingleFileForNoDatabase) {
  stack("service app rw=/srv/app.conf:/etc/app.conf label=cofferdam.backup=true\n");
  Forbidding no_directory(500);

  const auto found = detect(no_directory);

  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_THAT(found.clusters, IsEmpty());
}

TEST_F(DetectDatabases, FailsIfTheEngineIsGone) {
  stack("volume files cofferdam.backup=true\nservice app rw=files:/data\n");
  engine_.set_reachable(false);

  EXPECT_THROW(detect(engine_), dockerapi::Unreachable);
}

TEST_F(DetectDatabases, KeepsTheVolumesOfManyServicesApart) {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    const auto n = std::to_string(i);
    text += "volume v" + n + " cofferdam.backup=true\nservice s" + n +
            " env=POSTGRES_PASSWORD=x rw=v" + n + ":/data\n";
  }
  stack(text);
  cluster("shop-s7-1", "/data");
  cluster("shop-s13-1", "/data/data");

  const auto found = detect(engine_);

  EXPECT_THAT(found.clusters, ElementsAre("v13", "v7"));
  ASSERT_EQ(found.databases.size(), 2U);
  EXPECT_EQ(found.databases.at("s13").data_directory, "/data/data");
}

}  // namespace
}  // namespace controller
