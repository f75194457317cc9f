#include "controller/cli/progress_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace controller {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class ProgressView : public testing::Test {
 protected:
  std::unique_ptr<Reporter> view(std::size_t columns = 80) {
    return make_progress_view(options_, {[this](std::string_view text) { written_ += text; },
                                         [this] { return now_; }, columns});
  }

  std::string take() { return std::exchange(written_, {}); }

  OutputOptions options_;
  std::chrono::steady_clock::time_point now_{1h};
  std::string written_;
};

TEST_F(ProgressView, SaysALineEvery30SecondsWithoutATerminal) {
  const auto reporter = view();
  reporter->phase("copying volumes");
  EXPECT_EQ(take(), "copying volumes\n");

  reporter->progress({"volume redis", 0, 100 << 20, false});
  now_ += 29s;
  reporter->progress({"volume redis", 29 << 20, 100 << 20, false});
  EXPECT_EQ(take(), "");
  now_ += 1s;
  reporter->progress({"volume redis", 30 << 20, 100 << 20, false});
  EXPECT_EQ(take(), "volume redis  30.0 MiB of 100 MiB, 1.0 MiB/s, 1 min 10 s left\n");
  now_ += 29s;
  reporter->progress({"volume redis", 59 << 20, 100 << 20, false});
  reporter->progress({"volume redis", 100 << 20, 100 << 20, true});
  EXPECT_EQ(take(), "");
}

TEST_F(ProgressView, DrawsABarOnATerminal) {
  options_.terminal = true;
  const auto reporter = view(120);

  reporter->progress({"volume redis", 0, 40 << 20, false});
  now_ += 10s;
  reporter->progress({"volume redis", 10 << 20, 40 << 20, false});

  EXPECT_EQ(take(),
            "\r\033[K[........................]   0% volume redis  0 B of 40.0 MiB"
            "\r\033[K[######..................]  25% volume redis  10.0 MiB of 40.0 MiB, "
            "1.0 MiB/s, 30 s left");
}

TEST_F(ProgressView, DrawsTenTimesASecondAtMost) {
  options_.terminal = true;
  const auto reporter = view();
  reporter->progress({"v", 1, 1000, false});
  take();

  for (int i = 0; i < 10; ++i) {
    now_ += 9ms;
    reporter->progress({"v", 2, 1000, false});
  }
  EXPECT_EQ(take(), "");
  now_ += 10ms;
  reporter->progress({"v", 3, 1000, false});
  EXPECT_THAT(take(), HasSubstr("3 B of 1000 B"));
}

TEST_F(ProgressView, MakesTheBarShorterBeforeItCutsTheText) {
  options_.terminal = true;

  view(40)->progress({"volume redis", 1, 2, false});
  EXPECT_EQ(take(), "\r\033[K[###....]  50% volume redis  1 B of 2 B\r\033[K");
  view(34)->progress({"volume redis", 1, 2, false});
  EXPECT_EQ(take(), "\r\033[K 50% volume redis  1 B of 2 B\r\033[K");
}

TEST_F(ProgressView, NeverWrapsABar) {
  options_.terminal = true;
  const auto reporter = view(16);

  reporter->progress({"volume \xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4", 1, 2, false});

  EXPECT_EQ(take(), "\r\033[K 50% volume \xC3\xA4\xC3\xA4\xC3\xA4");
}

TEST_F(ProgressView, WipesTheBarForALineAndAtTheEnd) {
  options_.terminal = true;
  auto reporter = view();
  reporter->progress({"v", 1, 2, false});
  take();

  reporter->warning("v: f: vanished");
  EXPECT_EQ(take(), "\r\033[Kwarning: v: f: vanished\n");
  reporter->progress({"v", 1, 2, false});
  take();
  reporter.reset();
  EXPECT_EQ(take(), "\r\033[K");
}

TEST_F(ProgressView, KeepsAFinishedBar) {
  options_.terminal = true;
  auto reporter = view();

  reporter->progress({"v", 2, 2, true});
  reporter.reset();

  EXPECT_EQ(take(), "\r\033[K[########################] 100% v  2 B of 2 B\n");
}

TEST_F(ProgressView, ShowsNoBarForWhatHasNoKnownSize) {
  options_.terminal = true;
  const auto reporter = view();
  reporter->progress({"database db/app", 0, 0, false});
  now_ += 2s;

  reporter->progress({"database db/app", 4 << 20, 0, true});

  EXPECT_THAT(take(), HasSubstr("\r\033[Kdatabase db/app  4.0 MiB, 2.0 MiB/s\n"));
}

TEST_F(ProgressView, SaysOnlyWarningsWhenQuiet) {
  options_.quiet = true;
  options_.terminal = true;
  const auto reporter = view();

  reporter->phase("stopping api");
  reporter->progress({"v", 1, 2, true});
  reporter->warning("api did not come back");

  EXPECT_EQ(take(), "warning: api did not come back\n");
}

TEST_F(ProgressView, ColoursOnlyWhenAsked) {
  options_.terminal = true;
  view()->warning("x");
  EXPECT_EQ(take(), "warning: x\n");

  options_.colour = true;
  view()->warning("x");
  EXPECT_EQ(take(), "\033[33mwarning:\033[0m x\n");
}

TEST_F(ProgressView, PassesNoControlCharactersOfNamesOn) {
  options_.terminal = true;
  const auto reporter = view();

  reporter->warning("volume v: \x1B]0;owned\x07 \xFF\n: vanished");
  EXPECT_EQ(take(), "warning: volume v: ?]0;owned? ??: vanished\n");
  reporter->progress({"volume a\x1B[2J\n", 1, 2, false});
  EXPECT_THAT(take(), Not(HasSubstr("\x1B[2J")));
}

}  // namespace
}  // namespace controller
