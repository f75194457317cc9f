// A drill on a fake engine: what it boots and in which order, and that nothing of it is left and
// nothing live was touched, whichever call fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "compose/observe.h"
#include "controller/archive/volume_archive.h"
#include "controller/drill/drill.h"
#include "controller/drill/drill_site.h"
#include "tests/controller/capture/capture_fixture.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kWebImage = "sha256:web";
constexpr const char* kDatabaseImage = "sha256:db";

/// The shop with a snapshot "nightly" and the images that it was made on.
struct DrillShop : Shop {
  /// With health checks, of which that of db passes.
  explicit DrillShop(bool checked = false) {
    engine.remove(db);
    engine.remove(web);
    db = add("db", kDatabaseImage, {}, checked);
    web = add("web", kWebImage, "db:service_started:false", checked);
    engine.set_health_of(kDatabaseImage, dockerapi::Health::Healthy);
    capture(engine, "nightly");
    engine.clear_log();
    databases.log.clear();
  }

  dockerapi::ContainerId add(const std::string& name, const std::string& image,
                             const std::string& needs, bool checked) {
    engine.add_image({image, {name + ":1.2"}, {}, "amd64", "linux", {}});
    dockerapi::Container container;
    container.name = "shop-" + name + "-1";
    container.image = name == "db" ? "postgres:16" : name + ":1.2";
    container.image_id = image;
    container.state = dockerapi::ContainerState::Running;
    container.env = {"POSTGRES_DB=app"};
    container.labels = {
        {"com.docker.compose.project", "shop"},       {"com.docker.compose.service", name},
        {"com.docker.compose.container-number", "1"}, {"com.docker.compose.oneoff", "False"},
        {"com.docker.compose.config-hash", "x"},      {"com.docker.compose.depends_on", needs}};
    if (checked) {
      container.health_check.emplace().test = {"CMD", "true"};
    }
    dockerapi::Mount mount;
    mount.kind = dockerapi::Mount::Kind::Volume;
    mount.name = name == "db" ? "shop_pg" : "shop_files";
    mount.destination = name == "db" ? "/var/lib/postgresql/data" : "/files";
    mount.driver = "local";
    mount.writable = true;
    container.mounts = {mount};
    return engine.add_container(container);
  }

  DrillResult drill_through(dockerapi::Engine& through,
                            DrillAfterwards afterwards = DrillAfterwards::Remove,
                            std::stop_token stop = {}) {
    const auto manifest = store->manifest("nightly");
    const auto stack = compose::read_stack(compose::observe(through), "shop", std::nullopt);
    auto all = setting(through);
    const auto plan =
        plan_drill(stack, {}, manifest, look_for_drill(through, stack, manifest, all.agent.image));
    return drill(all, manifest, plan, afterwards, std::move(stop));
  }

  CheckReport report_of_drill() { return drill_through(engine).report; }

  std::vector<std::string> left() {
    std::vector<std::string> names;
    for (const auto& container : engine.containers({{{"cofferdam.role", ""}}, ""})) {
      names.push_back(container.name);
    }
    for (const auto& network : engine.networks({{"cofferdam.role", ""}})) {
      names.push_back(network.name);
    }
    for (const auto& volume : engine.volumes({{"cofferdam.role", ""}})) {
      names.push_back(volume.name);
    }
    return names;
  }

  void expect_nothing_left(const std::string& where) {
    auto all = setting(engine);
    const auto replayed = replay(all);
    EXPECT_TRUE(replayed.problems.empty()) << where << ": " << replayed.problems.front();
    EXPECT_THAT(left(), IsEmpty()) << where;
    EXPECT_TRUE(journal->open_jobs().empty()) << where;
    EXPECT_TRUE(all_running()) << where;
    for (const auto& line : engine.log()) {
      EXPECT_THAT(line, Not(HasSubstr(" shop"))) << where << ": something live was touched";
    }
  }

  static CheckedItem item(const CheckReport& found, const std::string& name) {
    for (const auto& one : found.items) {
      if (one.name == name) {
        return one;
      }
    }
    ADD_FAILURE() << "no item " << name;
    return {};
  }
};

TEST(Drill, PassesOnAGoodSnapshotAndLeavesNothing) {
  DrillShop shop;

  const auto report = shop.report_of_drill();

  EXPECT_TRUE(report.passed) << report.reason;
  EXPECT_EQ(shop.item(report, "files").text, "2 entries, as recorded");
  EXPECT_EQ(shop.item(report, "pg").text, "empty, its databases are restored into it");
  EXPECT_EQ(shop.item(report, "db/app").outcome, CheckedItem::Outcome::Passed);
  EXPECT_EQ(shop.item(report, "web").text, "runs; it has no health check");
  for (const auto* part : {"verify", "volumes", "databases", "boot", "total"}) {
    EXPECT_TRUE(report.seconds.contains(part)) << part;
  }
  EXPECT_EQ(shop.store->list().front().checked.level, CheckLevel::Drilled);
  shop.expect_nothing_left("after a good drill");
}

TEST(Drill, RestoresTheDatabaseBeforeAnybodyElseStarts) {
  DrillShop shop;
  std::vector<std::string> seen;
  shop.databases.before = [&](const std::string& call) {
    const auto log = shop.engine.log();
    const bool started = std::ranges::any_of(log, [](const auto& line) {
      return line.starts_with("start cofferdam-drill-") && line.ends_with("-web");
    });
    seen.push_back(call + (started ? " (web up)" : ""));
  };

  shop.report_of_drill();

  EXPECT_EQ(seen,
            (std::vector<std::string>{"connect db", "stage app", "commit app", "discard app"}));
}

TEST(Drill, MakesContainersThatNobodyElseAdopts) {
  DrillShop shop;

  const auto result = shop.drill_through(shop.engine, DrillAfterwards::Keep);

  const auto made = shop.engine.containers({{{"cofferdam.role", "drill"}}, ""});
  ASSERT_EQ(made.size(), 2U);
  for (const auto& container : made) {
    EXPECT_EQ(container.labels, (dockerapi::Labels{{"cofferdam.role", "drill"},
                                                   {"cofferdam.instance", "test"},
                                                   {"cofferdam.job", result.job},
                                                   {"cofferdam.snapshot", "nightly"}}));
    EXPECT_EQ(container.networks, std::vector{drill_name(result.job)});
    EXPECT_EQ(container.restart_policy.name, "no");
    for (const auto& mount : container.mounts) {
      EXPECT_THAT(mount.name, HasSubstr(drill_name(result.job)));
    }
  }
  const auto networks = shop.engine.networks({{"cofferdam.job", result.job}});
  ASSERT_EQ(networks.size(), 1U);
  EXPECT_TRUE(networks[0].internal);
}

TEST(Drill, IsKeptUntilItIsRemoved) {
  DrillShop shop;

  const auto result = shop.drill_through(shop.engine, DrillAfterwards::Keep);

  auto all = shop.setting(shop.engine);
  EXPECT_THAT(replay(all).actions, IsEmpty());
  EXPECT_THAT(shop.left(), Not(IsEmpty()));
  EXPECT_THAT(remove_drill(shop.engine, {{"cofferdam.snapshot", "other"}}), IsEmpty());
  EXPECT_THAT(remove_drill(shop.engine, {{"cofferdam.snapshot", "nightly"}}),
              Contains("container " + drill_name(result.job) + "-web"));
  shop.expect_nothing_left("after the removal");
}

TEST(Drill, DoesNotBootWhatIsCorrupt) {
  DrillShop shop;
  const auto archive = shop.store_path() / "nightly/volumes/files.tar.zst";
  std::fstream(archive, std::ios::in | std::ios::out).seekp(20) << '\x7F';

  const auto report = shop.report_of_drill();

  EXPECT_FALSE(report.passed);
  EXPECT_TRUE(data_differ(report));
  EXPECT_THAT(report.reason, HasSubstr("file volumes/files.tar.zst"));
  EXPECT_THAT(shop.engine.log(), IsEmpty());
  EXPECT_EQ(shop.store->list().front().checked.failed_kind, "drill");
}

TEST(Drill, CountsWhatLiesInAVolume) {
  DrillShop shop;
  shop.volumes.lost = 1;

  const auto report = shop.report_of_drill();

  EXPECT_TRUE(data_differ(report));
  EXPECT_EQ(report.reason, "volume files: 1 entries lie there, recorded were 2");
  EXPECT_EQ(shop.item(report, "web").text, "was not started");
  shop.expect_nothing_left("after a volume that differed");
}

TEST(Drill, DoesNotPassIfADatabaseIsNotWhatWasRecorded) {
  DrillShop shop;
  shop.databases.before = [](const std::string& call) {
    if (call == "stage app") {
      throw IntegrityError("5 rows instead of 6");
    }
  };

  const auto report = shop.report_of_drill();

  EXPECT_TRUE(data_differ(report));
  EXPECT_EQ(report.reason, "database db/app: 5 rows instead of 6");
  EXPECT_EQ(shop.item(report, "web").outcome, CheckedItem::Outcome::Skipped);
  shop.expect_nothing_left("after a database that differed");
}

TEST(Drill, DoesNotPassIfADatabaseCannotBeRestored) {
  DrillShop shop;
  shop.databases.before = [](const std::string& call) {
    if (call == "stage app") {
      throw DatabaseError("no extension postgis");
    }
  };

  const auto report = shop.report_of_drill();

  EXPECT_FALSE(report.passed);
  EXPECT_FALSE(data_differ(report)) << "the data were not even seen";
}

TEST(Drill, WaitsForAServerThatIsStillBeingMade) {
  DrillShop shop;
  int attempts = 0;
  shop.databases.before = [&](const std::string& call) {
    if (call == "connect db" && ++attempts < 4) {
      throw DatabaseError("connection refused");
    }
  };

  EXPECT_TRUE(shop.report_of_drill().passed);
  EXPECT_EQ(attempts, 4);
}

TEST(Drill, GivesUpOnAServerThatLetsNobodyIn) {
  DrillShop shop;
  shop.databases.before = [](const std::string& call) {
    if (call == "connect db") {
      throw DatabaseError("password authentication failed");
    }
  };

  const auto report = shop.report_of_drill();

  EXPECT_EQ(report.reason, "service db: password authentication failed");
  EXPECT_FALSE(data_differ(report));
}

/// Drills while web's container ends with `exit_code` just after its start.
CheckReport drill_with_exit(DrillShop& shop, int exit_code) {
  int started = 0;
  {
    DrillShop good;
    fakes::FaultyEngine counting(good.engine);
    good.drill_through(counting);
    for (int n = 1; n <= counting.calls(); ++n) {
      started = counting.call(n) == "start" ? n : started;
    }
  }
  fakes::FaultyEngine engine(shop.engine);
  engine.happen_at(started + 1, [&] {
    for (const auto& container : shop.engine.containers({{{"cofferdam.role", "drill"}}, ""})) {
      if (container.name.ends_with("-web")) {
        shop.engine.crash(container.id, exit_code);
      }
    }
  });
  return shop.drill_through(engine).report;
}

TEST(Drill, SeesAServiceThatExits) {
  DrillShop shop;

  const auto report = drill_with_exit(shop, 3);

  EXPECT_EQ(report.reason, "service web: exited with code 3");
  EXPECT_EQ(shop.item(report, "db").outcome, CheckedItem::Outcome::Passed);
  EXPECT_FALSE(data_differ(report));
  shop.expect_nothing_left("after a service that exited");
}

TEST(Drill, SeesAServiceThatIsUnhealthy) {
  DrillShop shop(true);
  shop.engine.set_health_of(kWebImage, dockerapi::Health::Unhealthy);

  EXPECT_EQ(shop.report_of_drill().reason, "service web: is unhealthy");
}

TEST(Drill, SeesAServiceThatNeverBecomesHealthy) {
  DrillShop shop(true);

  EXPECT_EQ(shop.report_of_drill().reason, "service web: has not become healthy in time");
}

TEST(Drill, WaitsForHealth) {
  DrillShop shop(true);
  shop.engine.set_health_of(kWebImage, dockerapi::Health::Healthy);

  const auto report = shop.report_of_drill();

  EXPECT_EQ(shop.item(report, "web").text, "is healthy");
}

TEST(Drill, TakesTheEndOfAServiceThatIsToRunForAFailure) {
  DrillShop shop;

  EXPECT_EQ(drill_with_exit(shop, 0).reason, "service web: exited with code 0");
}

TEST(Drill, TellsItsResultEvenIfItCannotBeKept) {
  DrillShop shop;
  std::filesystem::create_directories(shop.store_path() / ".cofferdam");
  std::ofstream(shop.store_path() / ".cofferdam/reports") << "in the way";

  EXPECT_TRUE(shop.report_of_drill().passed);

  EXPECT_THAT(shop.report.warnings, Contains(HasSubstr("the drill is not recorded: ")));
}

TEST(Drill, EndsCleanlyWhenItIsCancelled) {
  DrillShop shop;
  std::stop_source stop;
  shop.databases.before = [&](const std::string& call) {
    if (call == "discard app") {
      stop.request_stop();
    }
  };

  EXPECT_THROW(shop.drill_through(shop.engine, DrillAfterwards::Remove, stop.get_token()),
               Interrupted);

  EXPECT_THAT(shop.left(), IsEmpty()) << "at once, not by the replay";
  EXPECT_EQ(shop.store->list().front().checked, CheckStanding()) << "nothing was found out";
  shop.expect_nothing_left("after a cancel");
}

TEST(DrillReplay, RemovesWhatADeadDrillLeft) {
  DrillShop shop;
  auto all = shop.setting(shop.engine);
  const auto job = shop.journal->begin("drill", "nightly", "shop");
  shop.journal->intend(job, {0, Step::Kind::Drill, {}, "nightly", ""});
  const dockerapi::Labels labels = {{"cofferdam.role", "drill"}, {"cofferdam.job", job}};
  dockerapi::NetworkSpec network;
  network.name = drill_name(job);
  network.labels = labels;
  shop.engine.create_network(network);
  shop.engine.create_volume({"v", "local", labels, {}});
  dockerapi::ContainerSpec container;
  container.name = "c";
  container.image = kWebImage;
  container.labels = labels;
  container.mounts = {{dockerapi::MountSpec::Kind::Volume, "v", "/v", false}};
  container.network_mode = network.name;
  shop.engine.start(shop.engine.create(container));

  const auto report = replay(all);

  EXPECT_THAT(report.actions, Contains("the drill's container c is removed"));
  EXPECT_THAT(report.actions, Contains("the drill's network " + network.name + " is removed"));
  EXPECT_THAT(report.actions, Contains("the drill's volume v is removed"));
  EXPECT_THAT(shop.left(), IsEmpty());
}

TEST(DrillReplay, LeavesTheDrillsOfOthers) {
  DrillShop shop;
  const dockerapi::Labels labels = {{"cofferdam.role", "drill"}, {"cofferdam.job", "other"}};
  shop.engine.create_volume({"v", "local", labels, {}});
  const auto job = shop.journal->begin("drill", "nightly", "shop");
  shop.journal->intend(job, {0, Step::Kind::Drill, {}, "nightly", ""});
  auto all = shop.setting(shop.engine);

  replay(all);

  EXPECT_THAT(shop.left(), testing::ElementsAre("v"));
}

using Break = std::function<void(fakes::FaultyEngine&, int)>;

/// Drills with a fault at call `n`; returns whether it was reached.
bool run_once(int n, const Break& break_it, const std::string& how) {
  DrillShop shop(true);
  shop.engine.set_health_of(kWebImage, dockerapi::Health::Healthy);
  fakes::FaultyEngine engine(shop.engine);
  break_it(engine, n);
  try {
    shop.drill_through(engine);
  } catch (const std::exception&) {
    // Allowed: what counts is the world afterwards.
  }
  shop.expect_nothing_left(how + " at call " + std::to_string(n));
  return engine.calls() >= n;
}

int sweep(const Break& break_it, const std::string& how) {
  int n = 1;
  while (n < 300 && run_once(n, break_it, how)) {
    ++n;
  }
  return n - 1;
}

TEST(DrillFault, EveryCallLostBeforeItsEffect) {
  EXPECT_GE(sweep([](auto& engine, int n) { engine.fail_at(n, fakes::When::Before); }, "lost"), 30);
}

TEST(DrillFault, EveryAnswerLost) {
  EXPECT_GE(sweep([](auto& engine, int n) { engine.fail_at(n, fakes::When::After); }, "unanswered"),
            30);
}

TEST(DrillFault, TheEngineGoesAwayAtEveryCall) {
  EXPECT_GE(sweep([](auto& engine, int n) { engine.fail_from(n); }, "engine away"), 30);
}

}  // namespace
}  // namespace controller
