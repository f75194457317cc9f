#include "controller/capture/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/archive/volume_archive.h"
#include "controller/snapshot/verification.h"
#include "tests/controller/capture/capture_fixture.h"

namespace controller {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// Calls on containers of the stack, in order.
fakes::Log stack_calls(const Shop& shop) {
  fakes::Log calls;
  for (const auto& line : shop.engine.log()) {
    if (line.find("cofferdam") == std::string::npos) {
      calls.push_back(line);
    }
  }
  return calls;
}

TEST(Capture, MakesASnapshotOfVolumeAndDatabase) {
  Shop shop;

  const auto manifest = shop.capture(shop.engine, "nightly");

  EXPECT_EQ(manifest.status, Status::Success);
  ASSERT_EQ(manifest.volumes.size(), 1U);
  EXPECT_EQ(manifest.volumes[0].key, "files");
  EXPECT_EQ(manifest.volumes[0].name, "shop_files");
  EXPECT_EQ(manifest.volumes[0].grade, Grade::Quiesced);
  ASSERT_EQ(manifest.databases.size(), 1U);
  EXPECT_EQ(manifest.databases[0].service, "db");
  EXPECT_EQ(summary_of(shop.store->manifest("nightly")), shop.store->list().at(0).summary);
}

TEST(Capture, RecordsTheNetworksOfTheProjectWithoutTheirPasswords) {
  Shop shop;
  dockerapi::NetworkSpec spec;
  spec.name = "shop_default";
  spec.labels = {{"com.docker.compose.project", "shop"}, {"com.docker.compose.network", "default"}};
  spec.options = {{"vpn_secret", "hunter2"}, {"mtu", "1450"}};
  spec.internal = true;
  spec.enable_ipv6 = true;
  spec.addresses = {"own", {{"10.0.0.0/24", "10.0.0.1", "10.0.0.128/25"}}};
  shop.engine.add_network(spec);

  const auto manifest = shop.capture(shop.engine, "nightly");

  ASSERT_EQ(manifest.networks.size(), 1U);
  EXPECT_EQ(manifest.networks[0], (NetworkRecord{"default",
                                                 "shop_default",
                                                 false,
                                                 "bridge",
                                                 "local",
                                                 true,
                                                 false,
                                                 true,
                                                 {{"vpn_secret", "***"}, {"mtu", "1450"}},
                                                 spec.labels,
                                                 "own",
                                                 {{"10.0.0.0/24", "10.0.0.1", "10.0.0.128/25"}},
                                                 {}}));
  EXPECT_EQ(shop.store->manifest("nightly").networks, manifest.networks);
}

TEST(Capture, StopsOnlyTheProducerAndNeverTheDatabase) {
  Shop shop;

  shop.capture(shop.engine, "nightly");

  EXPECT_EQ(stack_calls(shop), (fakes::Log{"stop shop-web-1", "start shop-web-1"}));
}

// Volumes and databases of one snapshot show the same instant, and the dump costs no downtime.
TEST(Capture, FreezesTheDatabaseInsideTheOutageAndDumpsItAfterwards) {
  Shop shop;
  std::vector<std::string> seen;
  shop.databases.before = [&](const std::string& call) {
    const bool down = shop.engine.inspect(shop.web).state != dockerapi::ContainerState::Running;
    seen.push_back(call + (down ? " (web down)" : " (web up)"));
  };

  shop.capture(shop.engine, "nightly");

  EXPECT_EQ(seen, (std::vector<std::string>{"connect db (web up)", "freeze app (web down)",
                                            "dump app (web up)", "release app (web up)"}));
}

TEST(Capture, TellsOfAClusterThatOnlyTheAgentFound) {
  Shop shop;
  shop.volumes.measured_clusters = true;

  const auto manifest = shop.capture(shop.engine, "nightly");

  EXPECT_EQ(manifest.status, Status::Success);
  EXPECT_THAT(shop.report.warnings, Contains(HasSubstr("volume files holds a PostgreSQL cluster")));
}

TEST(Capture, RefusesToCopyARunningClusterBeforeAnythingStops) {
  Shop shop;
  shop.volumes.measured_clusters = true;
  shop.config = "volumes: {files: {mode: live}}\n";

  EXPECT_THROW(shop.capture(shop.engine, "nightly"), PlanRefusal);

  EXPECT_THAT(stack_calls(shop), testing::IsEmpty());
  EXPECT_TRUE(shop.store->list().empty());
  EXPECT_TRUE(shop.agents_left().empty());
}

TEST(Capture, LeavesNoAgentAndNoOpenStep) {
  Shop shop;

  shop.capture(shop.engine, "nightly");

  EXPECT_TRUE(shop.agents_left().empty());
  EXPECT_TRUE(shop.journal->open_jobs().empty());
}

TEST(Capture, AFailedDumpMakesNoSnapshot) {
  Shop shop;
  shop.databases.before = [](const std::string& call) {
    if (call == "dump app") {
      throw DatabaseError("pg_dump exited with 1");
    }
  };

  EXPECT_THROW(shop.capture(shop.engine, "nightly"), DatabaseError);

  EXPECT_TRUE(shop.all_running());
  EXPECT_TRUE(shop.store->list().empty());
  EXPECT_TRUE(shop.agents_left().empty());
}

TEST(Capture, AFailedFreezeBringsTheProducerBack) {
  Shop shop;
  shop.databases.before = [](const std::string& call) {
    if (call == "freeze app") {
      throw DatabaseError("lock timeout");
    }
  };

  EXPECT_THROW(shop.capture(shop.engine, "nightly"), DatabaseError);

  EXPECT_TRUE(shop.all_running());
  EXPECT_TRUE(shop.store->list().empty());
}

TEST(Capture, AProducerThatComesUpDuringTheCopyFailsTheCapture) {
  Shop shop;
  shop.databases.before = [&](const std::string& call) {
    if (call == "freeze app") {
      shop.engine.start(shop.web);
    }
  };

  EXPECT_THROW(shop.capture(shop.engine, "nightly"), Disturbed);

  EXPECT_TRUE(shop.all_running());
  EXPECT_TRUE(shop.store->list().empty());
}

TEST(Capture, AContainerThatDoesNotComeBackMakesItDegraded) {
  Shop shop;
  shop.databases.before = [&](const std::string& call) {
    if (call == "freeze app") {
      shop.engine.refuse("start shop-web-1");
    }
  };

  const auto manifest = shop.capture(shop.engine, "nightly");

  EXPECT_EQ(manifest.status, Status::Degraded);
  EXPECT_THAT(manifest.reasons, Contains(HasSubstr("shop-web-1")));
  EXPECT_EQ(shop.journal->open_jobs().size(), 1U) << "serve goes on trying";
}

TEST(Capture, ACancelledCaptureLeavesNothing) {
  Shop shop;
  std::stop_source stop;
  shop.databases.before = [&](const std::string& call) {
    if (call == "freeze app") {
      stop.request_stop();
    }
  };

  EXPECT_THROW(shop.capture(shop.engine, "nightly", stop.get_token()), Interrupted);

  EXPECT_TRUE(shop.all_running());
  EXPECT_TRUE(shop.store->list().empty());
  EXPECT_TRUE(shop.agents_left().empty());
}

TEST(Capture, RecordsNamesOfTheEnvironmentButNoValue) {
  Shop shop;

  const auto manifest = shop.capture(shop.engine, "nightly");

  EXPECT_THAT(to_json(manifest), HasSubstr("POSTGRES_DB"));
  EXPECT_THAT(to_json(manifest), testing::Not(HasSubstr("POSTGRES_DB=app")));
}

}  // namespace
}  // namespace controller
