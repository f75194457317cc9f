#include <gtest/gtest.h>

#include "controller/cli/output.h"

namespace controller {
namespace {

/// What a job with a phase, a line of a hook's and a warning says on stderr.
std::string said_at(const std::string& level, LogFormat format) {
  OutputOptions options;
  options.log_level = level;
  options.log_format = format;
  testing::internal::CaptureStderr();
  {
    const auto reporter = make_reporter(options);
    reporter->phase("copying");
    reporter->output("app", "42 jobs wait");
    reporter->warning("a file vanished");
  }
  return testing::internal::GetCapturedStderr();
}

TEST(Reporter, SaysWhatTheLogLevelLetsThrough) {
  EXPECT_EQ(said_at("info", LogFormat::Text),
            "copying\napp: 42 jobs wait\nwarning: a file vanished\n");
  EXPECT_EQ(said_at("warn", LogFormat::Text), "warning: a file vanished\n");
  EXPECT_EQ(said_at("error", LogFormat::Text), "");
}

TEST(Reporter, WritesJsonLinesWhereTheLogFormatSaysSo) {
  EXPECT_EQ(said_at("info", LogFormat::Json),
            "{\"type\":\"phase\",\"text\":\"copying\"}\n"
            "{\"type\":\"output\",\"service\":\"app\",\"text\":\"42 jobs wait\"}\n"
            "{\"type\":\"warning\",\"text\":\"a file vanished\"}\n");
}

}  // namespace
}  // namespace controller
