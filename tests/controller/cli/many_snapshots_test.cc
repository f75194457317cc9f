// Ten thousand snapshots: how long that takes is for the benchmarks, that it takes little memory is
// looked at here.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "controller/cli/retention_outlook.h"
#include "controller/cli/retention_views.h"
#include "controller/cli/snapshot_views.h"
#include "controller/clock.h"
#include "controller/metrics/figures.h"
#include "tests/controller/snapshot/example_manifest.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

constexpr int kMany = 10'000;
constexpr std::chrono::sys_seconds kFirst{std::chrono::seconds{1577836800}};  // 2020
constexpr long kMostKibibytes = 256L << 10;
#ifdef __SANITIZE_ADDRESS__
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif

class ManySnapshotsTest : public testing::Test {
 protected:
  ManySnapshotsTest() {
    settings_.store = folder_.path();
    settings_.config = folder_.path() / "config.yaml";
    settings_.retention.daily = 7;
    settings_.retention.weekly = 4;
    const std::string text = "services: {}\n";
    std::ofstream(folder_.path() / "compose.yml") << text;
    Manifest manifest;
    manifest.project = "shop";
    manifest.definition = {{"definition/compose.yml", text.size(), text.size(), sha256_of(text)}};
    for (int i = 0; i < kMany; ++i) {
      manifest.name = "s" + std::to_string(i);
      manifest.created_at = rfc3339(kFirst + std::chrono::hours{i});
      write(manifest);
    }
    std::filesystem::remove(folder_.path() / "compose.yml");
  }

  void write(const Manifest& manifest) {
    const auto folder = folder_.path() / manifest.name;
    std::filesystem::create_directories(folder / "definition");
    std::filesystem::create_hard_link(folder_.path() / "compose.yml",
                                      folder / "definition" / "compose.yml");
    std::ofstream(folder / "manifest.json") << to_json(manifest);
  }

  /// The listing, the plan of retention, the figures; 0 if they speak of all of them.
  int look() {
    Journal journal(folder_.path() / ".cofferdam" / "state.db");
    const auto entries = open_directory_store(folder_.path())->list();
    const auto plan = plan_of(standing_of(settings_, "shop", entries, journal));
    const auto shown = list_text(entries) + retention_text(plan);
    const bool all = entries.size() == kMany && plan.verdicts.size() == kMany &&
                     stack_figures(entries).at("shop").snapshots == kMany &&
                     dropped(plan).size() > kMany / 2 && retention_block(plan) == "consent";
    return all && shown.size() > kMany ? 0 : 1;
  }

  TemporaryFolder folder_;
  Settings settings_;
};

TEST_F(ManySnapshotsTest, AreListedPlannedAndMeasuredInLittleMemory) {
  const auto child = fork();
  if (child == 0) {
    _exit(look());
  }
  int status = 0;
  rusage used{};
  ASSERT_EQ(wait4(child, &status, 0, &used), child);

  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  if (kMemoryIsOurs) {
    EXPECT_LT(used.ru_maxrss, kMostKibibytes);
  }
}

}  // namespace
}  // namespace controller
