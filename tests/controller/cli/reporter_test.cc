#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/output.h"

namespace controller {
namespace {

using testing::HasSubstr;

/// What a job with a phase, a line of a hook's and a warning says on stderr.
std::string said_at(const std::string& level, LogFormat format) {
  OutputOptions options;
  options.log_level = level;
  options.log_format = format;
  options.origin.stack = "shop";
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
  const auto said = said_at("info", LogFormat::Json);

  EXPECT_THAT(said, HasSubstr(R"(Z","level":"info","msg":"copying","stack":"shop"})"
                              "\n{"));
  EXPECT_THAT(said, HasSubstr(R"("msg":"42 jobs wait","stack":"shop","phase":"copying",)"
                              R"("component":"service app"})"));
  EXPECT_THAT(said, HasSubstr(R"("level":"warn","msg":"a file vanished","stack":"shop")"));
}

TEST(Reporter, ComplainsInTheFormOfTheLog) {
  OutputOptions options;
  testing::internal::CaptureStderr();
  complain(options, "no room");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "cofferdam: no room\n");

  options.log_format = LogFormat::Json;
  testing::internal::CaptureStderr();
  complain(options, "no room");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr(R"("level":"error","msg":"no room")"));
}

}  // namespace
}  // namespace controller
