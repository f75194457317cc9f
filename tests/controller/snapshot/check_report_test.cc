#include "controller/snapshot/check_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/controller/snapshot/example_manifest.h"

namespace controller {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kManifest = sha256_of("manifest");

CheckReport report(const std::string& kind, CheckLevel level, bool passed, const std::string& at) {
  CheckReport made;
  made.snapshot = "nightly";
  made.kind = kind;
  made.level = level;
  made.passed = passed;
  made.at = at;
  made.cofferdam_version = "0.1.0";
  return made;
}

CheckReport full_report() {
  auto made = report("drill", CheckLevel::Drilled, false, "2026-11-20T03:00:00Z");
  made.engine_version = "26.1.5";
  made.reason = "service web did not come up";
  made.items = {{"volume", "bytes \xFF", CheckedItem::Outcome::Passed, "3 entries", 0.5},
                {"service", "web", CheckedItem::Outcome::Failed, "exited with 1\n", 2},
                {"service", "job", CheckedItem::Outcome::Skipped, "it does not run", 0}};
  made.seconds = {{"boot", 2.5}, {"total", 3}};
  return made;
}

/// The lines of `reports`, chained.
std::string lines_of(const std::vector<CheckReport>& reports) {
  std::string lines;
  for (const auto& one : reports) {
    lines += report_line(one, last_digest(lines, kManifest)) + "\n";
  }
  return lines;
}

const CheckReport kVerify = report("verify", CheckLevel::Readable, true, "2026-11-20T02:30:00Z");

TEST(CheckReport, IsOneLineThatAnybodyCanRead) {
  auto plain = kVerify;
  plain.items = {{"file", "manifest.json", CheckedItem::Outcome::Passed, "", 0}};
  plain.seconds = {{"total", 1.5}};
  const std::string above =
      R"({"format":1,"snapshot":"nightly","kind":"verify","level":"readable","result":"passed",)"
      R"("at":"2026-11-20T02:30:00Z","cofferdam":"0.1.0","engine":"","reason":"",)"
      R"("items":[{"kind":"file","name":"manifest.json","result":"passed","text":"","seconds":0.0}],)"
      R"("seconds":{"total":1.5},"previous":"abc")";

  EXPECT_EQ(report_line(plain, "abc"), above + ",\"sha256\":\"" + sha256_of(above) + "\"}");
}

TEST(CheckReport, ReadsBackAsWhatItWas) {
  const auto chain = read_report_lines(lines_of({kVerify, full_report()}), kManifest);

  EXPECT_EQ(chain, (ReportChain{{kVerify, full_report()}, ""}));
}

TEST(CheckReport, NamesTheDigestOfTheLineBeforeIt) {
  const auto lines = lines_of({kVerify, full_report()});
  const auto first = lines.substr(0, lines.find('\n'));
  const auto second = lines.substr(first.size() + 1);

  EXPECT_EQ(nlohmann::json::parse(first)["previous"], kManifest);
  EXPECT_EQ(nlohmann::json::parse(second)["previous"], sha256_of(first));
  EXPECT_EQ(last_digest(lines, kManifest), sha256_of(second.substr(0, second.size() - 1)));
}

TEST(ReportChain, IsEmptyWithoutLines) {
  EXPECT_EQ(read_report_lines("", kManifest), ReportChain());
}

// P7 for reports: whichever byte is another one, it shows.
TEST(ReportChain, ShowsAnyChangedByte) {
  const auto lines = lines_of({kVerify, full_report()});
  for (std::size_t at = 0; at + 1 < lines.size(); ++at) {
    auto changed = lines;
    changed[at] = static_cast<char>(changed[at] ^ 1);

    ASSERT_NE(read_report_lines(changed, kManifest).problem, "") << "byte " << at;
  }
}

TEST(ReportChain, KeepsWhatCameBeforeABrokenLink) {
  auto lines = lines_of({kVerify, full_report()});
  lines[lines.size() - 10] = 'x';

  const auto chain = read_report_lines(lines, kManifest);

  EXPECT_EQ(chain.reports, std::vector{kVerify});
  EXPECT_THAT(chain.problem, HasSubstr("line 2 of the reports cannot be trusted: it was changed"));
}

TEST(ReportChain, ShowsALineThatWasTakenOut) {
  const auto lines = lines_of({kVerify, full_report(), kVerify});
  const auto first = lines.find('\n') + 1;
  const auto second = lines.find('\n', first) + 1;

  EXPECT_THAT(read_report_lines(lines.substr(first), kManifest).problem,
              HasSubstr("line 1 of the reports cannot be trusted: it was written about another"));
  EXPECT_THAT(read_report_lines(lines.substr(0, first) + lines.substr(second), kManifest).problem,
              HasSubstr("line 2 of the reports cannot be trusted: it does not follow"));
}

TEST(ReportChain, IsAboutOneManifest) {
  EXPECT_THAT(read_report_lines(lines_of({kVerify}), sha256_of("another")).problem,
              HasSubstr("about another manifest.json"));
}

TEST(ReportChain, RefusesAForgedLineThatIsNoReport) {
  const std::string above = "{\"previous\":\"" + kManifest + "\"";
  const auto line = above + ",\"sha256\":\"" + sha256_of(above) + "\"}\n";

  EXPECT_THAT(read_report_lines(line, kManifest).problem, HasSubstr("it is no report"));
}

// Whoever wrote it died before the line was whole, and reported nothing.
TEST(ReportChain, DoesNotCountALineWithoutItsEnd) {
  const auto lines = lines_of({kVerify});
  const auto torn = lines + lines_of({full_report()}).substr(0, 100);

  EXPECT_EQ(read_report_lines(torn, kManifest), (ReportChain{{kVerify}, ""}));
  EXPECT_EQ(whole_lines(torn), lines);
  EXPECT_EQ(last_digest(torn, kManifest), last_digest(lines, kManifest));
}

/// "drilled 03:00; failed verify 04:00"
std::string standing(const std::vector<CheckReport>& reports) {
  const auto found = standing_of({reports, ""});
  const auto time = [](const std::string& at) { return at.empty() ? "-" : at.substr(11, 5); };
  std::string text = std::string(to_string(found.level)) + " " + time(found.at);
  return found.failed_kind.empty()
             ? text
             : text + "; failed " + found.failed_kind + " " + time(found.failed_at);
}

CheckReport verify(int hour, bool passed) {
  return report("verify", CheckLevel::Readable, passed,
                "2026-11-20T0" + std::to_string(hour) + ":00:00Z");
}

CheckReport drill(int hour, bool passed) {
  return report("drill", CheckLevel::Drilled, passed,
                "2026-11-20T0" + std::to_string(hour) + ":00:00Z");
}

TEST(CheckStanding, IsTheHighestLevelPassedAndWhen) {
  EXPECT_EQ(standing({}), "stored -");
  EXPECT_EQ(standing({verify(1, true)}), "readable 01:00");
  EXPECT_EQ(standing({verify(1, true), verify(2, true)}), "readable 02:00");
  EXPECT_EQ(standing({drill(1, true), verify(2, true)}), "drilled 01:00");
}

TEST(CheckStanding, IsMarkedByAFailureUntilAPassOfItsLevel) {
  EXPECT_EQ(standing({verify(1, false)}), "stored -; failed verify 01:00");
  EXPECT_EQ(standing({verify(1, false), verify(2, true)}), "readable 02:00");
  EXPECT_EQ(standing({verify(1, false), drill(2, true)}), "drilled 02:00");
  EXPECT_EQ(standing({drill(1, false), verify(2, true)}), "readable 02:00; failed drill 01:00");
  EXPECT_EQ(standing({drill(1, true), verify(2, false)}), "drilled 01:00; failed verify 02:00");
  EXPECT_EQ(standing({drill(1, false), verify(2, false), verify(3, true)}),
            "readable 03:00; failed drill 01:00");
}

TEST(CheckStanding, SaysThatTheReportsCannotBeTrusted) {
  EXPECT_EQ(standing_of({{}, "line 1 was changed"}).problem, "line 1 was changed");
  EXPECT_THAT(standing_of({}).problem, IsEmpty());
}

}  // namespace
}  // namespace controller
