#include "controller/cli/schedule_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "controller/cli/job_diary.h"
#include "tests/fakes/kept_lines.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::Contains;
using testing::IsEmpty;

/// Of the project "shop", whose engine is away: no label schedules anything.
class ScheduleKeeperTest : public testing::Test {
 protected:
  ScheduleKeeperTest() {
    const auto host = "unix://" + (folder_.path() / "none.sock").string();
    ::setenv("DOCKER_HOST", host.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no thread yet
    settings_.store = folder_.path();
    settings_.state = folder_.path() / "state.db";
    settings_.config = folder_.path() / "config.yaml";
    settings_.project = "shop";
    write_config("schedules: {nightly: {cron: '30 2 * * *'}}");
  }

  ~ScheduleKeeperTest() override {
    ::unsetenv("DOCKER_HOST");  // NOLINT(concurrency-mt-unsafe): no thread any more
  }

  void write_config(const std::string& text) { std::ofstream(settings_.config) << text; }

  bool is_looked_after(const std::string& schedule) {
    return ScheduleBook(settings_.state).find("shop", schedule).has_value();
  }

  TemporaryFolder folder_;
  Settings settings_;
  fakes::KeptLines lines_;
};

// It stays in force as it was, and what is said elsewhere is heeded nevertheless.
TEST_F(ScheduleKeeperTest, HeedsWhatChangesWhileTheConfigFileIsBroken) {
  const ConfigInForce config(settings_, process_environment());
  SharedBook jobs(job_book_file(settings_));
  NotifyKeeper notices(settings_, {}, jobs, lines_);
  FigureSource figures(settings_, jobs, notices);
  Workplace place(settings_, lines_);
  ScheduleKeeper keeper(settings_, config, notices, figures);
  keeper.look(place, lines_);
  ASSERT_TRUE(is_looked_after("nightly"));

  write_config("schedules: {nightly: {cron:");
  ScheduleBook(settings_.state).make("shop", {"hourly", {{"cron", "0 * * * *"}}});
  keeper.look(place, lines_);

  EXPECT_TRUE(is_looked_after("hourly"));
  EXPECT_THAT(lines_.phases, Contains("schedules: nightly, hourly"));
  EXPECT_THAT(lines_.warnings, IsEmpty());
}

}  // namespace
}  // namespace controller
