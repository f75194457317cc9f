#include "controller/metrics/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/snapshot/example_manifest.h"

namespace controller {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using testing::HasSubstr;
using testing::Not;

constexpr sys_seconds kNight{seconds{1795140000}};  // 2026-11-20T02:00:00Z

SnapshotEntry snapshot(const std::string& made, Status status = Status::Success) {
  SnapshotEntry entry;
  entry.summary = summary_of(example_manifest());
  entry.summary->project = "shop";
  entry.summary->created_at = made;
  entry.summary->status = status;
  entry.summary->outage_seconds = 0.5;
  return entry;
}

TEST(StackFigures, TakeOnlyASuccessForTheNewestGoodOne) {
  auto corrupt = SnapshotEntry();
  corrupt.problem = "no manifest";

  const auto shop = stack_figures({snapshot("2026-11-20T02:00:00Z"),
                                   snapshot("2026-11-21T02:00:00Z", Status::Degraded), corrupt})
                        .at("shop");

  EXPECT_EQ(shop.snapshots, 2);
  EXPECT_EQ(shop.newest_good, kNight);
  EXPECT_EQ(shop.newest_bytes, stored_bytes(example_manifest()));
  EXPECT_EQ(shop.newest_downtime_seconds, 0.5);
  EXPECT_TRUE(shop.checked.empty());
}

TEST(StackFigures, CountADrillForTheLevelsBelowItToo) {
  auto drilled = snapshot("2026-11-20T02:00:00Z");
  drilled.checked = {CheckLevel::Drilled, "2026-11-20T02:00:00Z", "", "", ""};
  auto read = snapshot("2026-11-21T02:00:00Z");
  read.checked = {CheckLevel::Readable, "2026-11-20T03:00:00Z", "", "", ""};

  const auto checked = stack_figures({drilled, read}).at("shop").checked;

  EXPECT_EQ(checked.at(CheckLevel::Drilled), kNight);
  EXPECT_EQ(checked.at(CheckLevel::Readable), kNight + seconds{3600});
  EXPECT_EQ(checked.at(CheckLevel::Hashed), kNight + seconds{3600});
}

Job job(const std::string& id, JobState state, const std::string& finished = "") {
  return {id, "create", "", "cli", "2026-11-20T02:00:00Z", finished, state, 0, "", "", {}};
}

TEST(JobTally, CountsEachJobOnceWhenItHasEnded) {
  JobTally tally;
  tally.look({job("old", JobState::Failed, "2026-11-20T02:00:01Z"), job("a", JobState::Running)});
  EXPECT_TRUE(tally.of("create").ended.empty());

  const std::vector<Job> ended = {job("b", JobState::Interrupted),
                                  job("a", JobState::Success, "2026-11-20T02:00:45Z"),
                                  job("old", JobState::Failed, "2026-11-20T02:00:01Z")};
  EXPECT_TRUE(tally.look(ended));
  EXPECT_FALSE(tally.look(ended));

  const auto creates = tally.of("create");
  EXPECT_EQ(creates.ended.at(JobState::Success), 1U);
  EXPECT_EQ(creates.ended.at(JobState::Interrupted), 1U);
  EXPECT_FALSE(creates.ended.contains(JobState::Failed));
  EXPECT_EQ(creates.timed, 1U);
  EXPECT_EQ(creates.seconds, 45);
  EXPECT_THAT(creates.within, testing::ElementsAre(0, 0, 1, 1, 1, 1, 1, 1, 1));
  EXPECT_TRUE(tally.of("restore").ended.empty());
}

TEST(JobTally, CountsNoJobThatWaitsForItsTurn) {
  JobTally tally;
  tally.look({});
  EXPECT_FALSE(tally.look({job("a", JobState::Queued)}));
  EXPECT_TRUE(tally.look({job("a", JobState::Failed, "2026-11-20T02:00:01Z")}));

  EXPECT_EQ(tally.of("create").ended, (std::map<JobState, std::uint64_t>{{JobState::Failed, 1}}));
}

Figures figures() {
  Figures figures;
  figures.version = "1.2.3";
  figures.engine_up = true;
  figures.stack = "shop";
  figures.stacks["sh\"op\n"] = {3, kNight, 1U << 20U, 0.25, {{CheckLevel::Drilled, kNight}}};
  figures.running["create"] = 1;
  figures.captures.ended[JobState::Failed] = 2;
  figures.last_attempt = kNight;
  figures.last_state = JobState::Failed;
  figures.expected_interval = seconds{86400};
  figures.next_run = kNight + seconds{86400};
  figures.bytes_free = std::uint64_t{5} << 40U;
  figures.pending_restart = 2;
  figures.retention_blocked = {{"clock", false}, {"consent", true}};
  figures.config_good_at = kNight;
  figures.targets = {{"hook", 1, 4, 2, 0, "", "down"}};
  return figures;
}

TEST(MetricsText, IsWhatPrometheusReads) {
  const auto text = metrics_text(figures());

  for (const auto* line :
       {"# HELP cofferdam_build_info The version that runs; always 1.\n"
        "# TYPE cofferdam_build_info gauge\n"
        "cofferdam_build_info{version=\"1.2.3\"} 1\n",
        "cofferdam_engine_up 1\n", "cofferdam_clock_suspect 0\n",
        "cofferdam_jobs_running{kind=\"create\"} 1\n",
        "# TYPE cofferdam_backup_runs_total counter\n"
        "cofferdam_backup_runs_total{stack=\"shop\",status=\"success\"} 0\n",
        "cofferdam_backup_runs_total{stack=\"shop\",status=\"failed\"} 2\n",
        "cofferdam_restore_runs_total{stack=\"shop\",status=\"failed\"} 0\n",
        "cofferdam_backup_last_attempt_timestamp_seconds{stack=\"shop\"} 1795140000\n",
        "cofferdam_backup_last_status{stack=\"shop\",status=\"failed\"} 1\n",
        "cofferdam_backup_last_status{stack=\"shop\",status=\"success\"} 0\n",
        "cofferdam_backup_expected_interval_seconds{stack=\"shop\"} 86400\n",
        "cofferdam_backup_next_run_timestamp_seconds{stack=\"shop\"} 1795226400\n",
        "cofferdam_backup_duration_seconds_bucket{stack=\"shop\",le=\"+Inf\"} 0\n",
        "cofferdam_containers_pending_restart{stack=\"shop\"} 2\n",
        "cofferdam_retention_blocked{stack=\"shop\",reason=\"clock\"} 0\n"
        "cofferdam_retention_blocked{stack=\"shop\",reason=\"consent\"} 1\n",
        "cofferdam_storage_bytes{destination=\"store\",kind=\"free\"} 5497558138880\n",
        "cofferdam_config_last_reload_successful 0\n",
        "cofferdam_config_last_reload_success_timestamp_seconds 1795140000\n",
        "cofferdam_notifications_failed_total{target=\"hook\"} 2\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsText, EscapesWhatOthersHaveNamed) {
  EXPECT_THAT(metrics_text(figures()),
              HasSubstr("cofferdam_snapshots{stack=\"sh\\\"op\\n\",destination=\"store\"} 3\n"));
}

TEST(MetricsText, SaysNothingOfWhatIsNotKnown) {
  const auto text = metrics_text({});

  EXPECT_THAT(text, HasSubstr("cofferdam_engine_up 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("stack=")));
  EXPECT_THAT(text, Not(HasSubstr("notifications")));
  EXPECT_THAT(text, Not(HasSubstr("last_status")));
  EXPECT_THAT(text, Not(HasSubstr("config")));
}

}  // namespace
}  // namespace controller
