#include "controller/cli/json_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace controller {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::chrono::sys_seconds kNight{seconds{1795140000}};

class JsonLogTest : public testing::Test {
 protected:
  std::unique_ptr<Reporter> log(bool quiet = false) {
    return make_json_log(
        quiet, {"j1", "shop"},
        {[this](const std::string& line) { lines_.push_back(line); }, [this] { return now_; }});
  }

  std::chrono::system_clock::time_point now_ = kNight;
  std::vector<std::string> lines_;
};

/// A line of that night with this behind its time.
std::string at_night(const std::string& rest) {
  return R"({"ts":"2026-11-20T02:00:00Z",)" + rest;
}

TEST_F(JsonLogTest, SaysOfEachLineWhereItComesFrom) {
  const auto reporter = log();
  reporter->phase("copying");
  reporter->warning("a \"file\"\nvanished");
  reporter->output("app", "42");

  EXPECT_THAT(lines_,
              ElementsAre(at_night(R"("level":"info","msg":"copying","job":"j1","stack":"shop"})"),
                          at_night(R"("level":"warn","msg":"a \"file\"\nvanished","job":"j1",)"
                                   R"("stack":"shop","phase":"copying"})"),
                          at_night(R"("level":"info","msg":"42","job":"j1","stack":"shop",)"
                                   R"("phase":"copying","component":"service app"})")));
}

TEST_F(JsonLogTest, TellsOfAComponentNowAndThenAndWhenItIsDone) {
  const auto reporter = log();
  reporter->progress({"volume a", 1, 4096, false, 0});
  now_ += seconds{29};
  reporter->progress({"volume a", 1024, 4096, false, 0});
  now_ += seconds{1};
  reporter->progress({"volume a", 2048, 4096, false, 0});
  reporter->progress({"volume a", 4096, 4096, true, 0});

  ASSERT_EQ(lines_.size(), 2U);
  EXPECT_THAT(lines_[0], HasSubstr(R"("msg":"volume a: 2.0 KiB of 4.0 KiB")"));
  EXPECT_THAT(lines_[1], HasSubstr(R"("msg":"volume a: 4.0 KiB, done")"));
  EXPECT_THAT(lines_[1], HasSubstr(R"("component":"volume a")"));
}

TEST_F(JsonLogTest, SaysNothingButWarningsIfItIsToBeQuiet) {
  const auto reporter = log(true);
  reporter->phase("copying");
  reporter->output("app", "42");
  reporter->progress({"volume a", 1, 1, true, 0});
  reporter->warning("look");

  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0], HasSubstr(R"("msg":"look")"));
}

TEST(JsonLogLine, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(json_log_line("error", "no room", {}, kNight),
            at_night(R"("level":"error","msg":"no room"})"));
}

}  // namespace
}  // namespace controller
