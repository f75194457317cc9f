#include "controller/cli/check_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace controller {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using Outcome = CheckedItem::Outcome;

CheckReport drill() {
  CheckReport report;
  report.snapshot = "nightly";
  report.kind = "drill";
  report.level = CheckLevel::Drilled;
  report.at = "2026-11-20T03:00:00Z";
  report.reason = "volume files: 1 entries lie there, recorded were 2";
  report.items = {
      {"volume", "files", Outcome::Differs, "1 entries lie there, recorded were 2", 0.2},
      {"database", "db/app", Outcome::Passed, "12 tables, as recorded", 4},
      {"service", "web", Outcome::Failed, "is unhealthy", 61},
      {"service", "job", Outcome::Skipped, "was not started", 0}};
  report.seconds = {
      {"verify", 1}, {"volumes", 0.5}, {"databases", 9}, {"boot", 12.5}, {"total", 24}};
  return report;
}

TEST(CheckViews, ShowADrillAsATable) {
  EXPECT_EQ(
      drill_text(drill()),
      "drill of nightly: NOT PASSED in 24 s; recovered in 22 s (volumes 0.50 s, databases 9.00 "
      "s, boot 12 s) after 1.00 s of verifying\n"
      "  volume files     DIFFERS  0.20 s      1 entries lie there, recorded were 2\n"
      "  database db/app  passed   4.00 s      12 tables, as recorded\n"
      "  service web      FAILED   1 min 01 s  is unhealthy\n"
      "  service job      skipped              was not started\n");
}

TEST(CheckViews, SayThatADrillPassed) {
  auto passed = drill();
  passed.passed = true;
  passed.items.clear();

  EXPECT_THAT(drill_text(passed), testing::StartsWith("drill of nightly: passed in 24 s;"));
}

// Nothing was restored, so nothing can be said about how long that takes.
TEST(CheckViews, SayNothingOfARecoveryThatWasNotTried) {
  auto corrupt = drill();
  corrupt.seconds = {{"verify", 1}, {"total", 1}};

  EXPECT_THAT(drill_text(corrupt), Not(HasSubstr("recovered")));
}

TEST(CheckViews, SummariseADrillOnOneLineOfJson) {
  const auto text = drill_summary_json(drill(), "cofferdam-drill-1");
  const auto summary = json::parse(text);

  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_EQ(summary["type"], "summary");
  EXPECT_EQ(summary["name"], "nightly");
  EXPECT_EQ(summary["passed"], false);
  EXPECT_EQ(summary["level"], "drilled");
  EXPECT_EQ(summary["kept"], "cofferdam-drill-1");
  EXPECT_EQ(summary["items"][0], json::parse(R"({"kind": "volume", "name": "files",
      "result": "differs", "text": "1 entries lie there, recorded were 2", "seconds": 0.2})"));
  EXPECT_EQ(summary["seconds"]["boot"], 12.5);
  EXPECT_TRUE(json::parse(drill_summary_json(drill(), ""))["kept"].is_null());
}

TEST(CheckViews, PassNoControlCharactersOfNamesOn) {
  auto hostile = drill();
  hostile.items[0].name = hostile.items[0].text = "\x1B[2J\x07\n\xFF";

  EXPECT_THAT(drill_text(hostile), Not(HasSubstr("\x1B")));
  EXPECT_NO_THROW(json::parse(drill_summary_json(hostile, "")));
}

TEST(CheckViews, TellWhatASnapshotHasPassed) {
  EXPECT_EQ(standing_text({}), "-");
  EXPECT_EQ(standing_text({CheckLevel::Readable, "2026-11-20T03:00:00Z", "", "", ""}),
            "readable 2026-11-20");
  EXPECT_EQ(standing_text({CheckLevel::Drilled, "2026-11-20T03:00:00Z", "verify",
                           "2026-11-21T03:00:00Z", ""}),
            "FAILED verify 2026-11-21");
  EXPECT_EQ(standing_text({CheckLevel::Drilled, "2026-11-20T03:00:00Z", "", "", "line 1 …"}),
            "REPORTS CHANGED");
}

}  // namespace
}  // namespace controller
