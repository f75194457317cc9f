#include "controller/cli/snapshot_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/units.h"
#include "tests/controller/snapshot/example_manifest.h"

namespace controller {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

SnapshotEntry good() {
  return {"20261120T020000Z",
          summary_of(example_manifest()),
          "",
          8'001'631,
          {CheckLevel::Drilled, "2026-11-21T02:00:00Z", "", "", ""}};
}

SnapshotEntry corrupt() {
  return {"broken",
          std::nullopt,
          "volumes/redis.tar.zst is missing",
          5000,
          {CheckLevel::Stored, "", "verify", "2026-11-22T02:00:00Z", ""}};
}

TEST(SnapshotViews, ListsSnapshotsAsATable) {
  EXPECT_EQ(
      list_text({good(), corrupt()}),
      "NAME              CREATED               STATUS    PROJECT  VERSION  SERVICES  VOLUMES  "
      "DATABASES  CHECKED                   SIZE\n"
      "20261120T020000Z  2026-11-20T02:00:00Z  degraded  shop     2.4.1    3         2        "
      "1          drilled 2026-11-21        7.6 MiB\n"
      "broken            -                     CORRUPT   -        -        -         -        "
      "-          FAILED verify 2026-11-22  4.9 KiB  (volumes/redis.tar.zst is missing)\n");
  EXPECT_EQ(list_text({}), "no snapshots\n");
}

TEST(SnapshotViews, AlignsNamesThatAreNotAscii) {
  auto entry = good();
  entry.summary->project = "\xC3\xA4\xC3\xB6";

  EXPECT_THAT(list_text({entry}), HasSubstr("degraded  \xC3\xA4\xC3\xB6       2.4.1"));
}

TEST(SnapshotViews, ListsTheSameFieldsForEverySnapshotAsJson) {
  const auto listed = json::parse(list_json({good(), corrupt()}));

  EXPECT_EQ(listed[0], json::parse(R"({"name": "20261120T020000Z",
      "created_at": "2026-11-20T02:00:00Z", "status": "degraded", "project": "shop",
      "platform_version": "2.4.1", "services": 3, "volumes": 2, "databases": 1,
      "bytes": 8001631,
      "checked": {"level": "drilled", "at": "2026-11-21T02:00:00Z", "failed": null}, "pinned": false})"));
  EXPECT_EQ(listed[1], json::parse(R"({"name": "broken", "created_at": null, "status": "corrupt",
      "project": null, "platform_version": null, "services": null, "volumes": null,
      "databases": null, "bytes": 5000, "problem": "volumes/redis.tar.zst is missing",
      "checked": {"level": "stored", "at": null,
                  "failed": {"kind": "verify", "at": "2026-11-22T02:00:00Z"}}, "pinned": false})"));
  EXPECT_EQ(json::parse(list_json({})), json::array());
}

TEST(SnapshotViews, ShowsPins) {
  auto entry = good();
  entry.pinned = true;

  EXPECT_THAT(list_text({entry}), HasSubstr("drilled 2026-11-21 (pinned)  "));
  EXPECT_EQ(json::parse(list_json({entry}))[0]["pinned"], true);
  EXPECT_THAT(show_text(example_manifest(), {}, true), HasSubstr("pinned     yes\n"));
}

TEST(SnapshotViews, ShowsNetworks) {
  EXPECT_THAT(show_text(example_manifest_with_networks(), {}, false),
              HasSubstr("networks   default, edge (external)\n"));
}

TEST(SnapshotViews, ShowsWhatASnapshotHoldsAndLacks) {
  const auto text = show_text(example_manifest(), {}, false);

  EXPECT_THAT(text, HasSubstr("downtime   api 1.25 s\n"));
  EXPECT_THAT(text, HasSubstr("networks   -\n"));
  EXPECT_THAT(text, HasSubstr("volume redis"));
  EXPECT_THAT(text, HasSubstr("42 entries, 1.2 MiB, shop_redis\n"));
  EXPECT_THAT(text, HasSubstr("database db/app"));
  EXPECT_THAT(text, HasSubstr("2 tables, 18446744073709551615 rows, postgres 15.8\n"));
  EXPECT_THAT(text, HasSubstr("  ! volume api/1:/uploads: copied live\n"));
  EXPECT_THAT(text, HasSubstr("  volume redis: run/redis.sock: socket skipped\n"));
  EXPECT_THAT(text, HasSubstr("  volume nominatim: not labelled cofferdam.backup\n"));
}

CheckReport failed_drill() {
  CheckReport report;
  report.kind = "drill";
  report.level = CheckLevel::Drilled;
  report.at = "2026-11-21T02:00:00Z";
  report.reason = "service web did not come up";
  report.items = {{"service", "web", CheckedItem::Outcome::Failed, "exited with 1", 1}};
  report.seconds = {{"total", 12.3}};
  return report;
}

TEST(SnapshotViews, ShowsWhatWasChecked) {
  const ReportChain checks = {{failed_drill()}, "line 2 of the reports cannot be trusted"};

  const auto text = show_text(example_manifest(), checks, false);

  EXPECT_THAT(text, HasSubstr("checked    REPORTS CHANGED\n"));
  EXPECT_THAT(text, HasSubstr("\nchecks:\n"
                              "  2026-11-21T02:00:00Z  drill  FAILED  12 s  service web did not "
                              "come up\n"
                              "  ! line 2 of the reports cannot be trusted\n"));
  EXPECT_THAT(show_text(example_manifest(), {}, false), Not(HasSubstr("checks:")));
}

TEST(SnapshotViews, ShowsTheManifestWithItsChecksAsJson) {
  auto shown = json::parse(show_json(example_manifest(), {{failed_drill()}, ""}, true));

  EXPECT_EQ(shown["checks"]["standing"], json::parse(R"({"level": "stored", "at": null,
                            "failed": {"kind": "drill", "at": "2026-11-21T02:00:00Z"}})"));
  EXPECT_EQ(shown["checks"]["reports"][0]["items"][0]["name"], "web");
  EXPECT_EQ(shown["pinned"], true);
  shown.erase("checks");
  shown.erase("pinned");
  EXPECT_EQ(shown, json::parse(to_json(example_manifest())));
}

// File names of volumes are anybody's, and get into warnings.
TEST(SnapshotViews, PassesNoControlCharactersOfNamesOn) {
  auto manifest = example_manifest();
  const std::string hostile = "\x1B[2J\x07\n\xFF";
  manifest.project = manifest.volumes[0].key = manifest.volumes[0].warnings[0] = hostile;
  manifest.databases[0].warnings[0] = manifest.reasons[0] = manifest.uncovered[0].what = hostile;

  for (const auto& text : {show_text(manifest, {}, false), create_summary_text(manifest),
                           list_text({{"a", summary_of(manifest), "", 1}, {"b", {}, hostile, 1}}),
                           verify_text({"a", {{hostile, hostile}}, 1})}) {
    EXPECT_THAT(text, HasSubstr("?[2J??"));
    EXPECT_THAT(text, Not(HasSubstr("\x1B")));
    EXPECT_THAT(text, Not(HasSubstr("\x07")));
  }
  EXPECT_NO_THROW(json::parse(verify_json({{"a", {{hostile, hostile}}, 1}})));
}

TEST(SnapshotViews, NamesTheBadFileOfAVerify) {
  const std::vector<VerifiedSnapshot> verified = {{"a", {}, 2048},
                                                  {"b", {{"volumes/x", "missing"}}, 10}};

  EXPECT_EQ(verify_text(verified[0]), "a: ok, 2.0 KiB read\n");
  EXPECT_EQ(verify_text(verified[1]), "b: CORRUPT\n  volumes/x: missing\n");
  EXPECT_EQ(json::parse(verify_json(verified)), json::parse(R"([
      {"name": "a", "ok": true, "bytes": 2048, "findings": []},
      {"name": "b", "ok": false, "bytes": 10,
       "findings": [{"path": "volumes/x", "text": "missing"}]}])"));
}

TEST(SnapshotViews, SummarisesACaptureOnOneLineOfJson) {
  const auto text = create_summary_json(example_manifest());
  const auto summary = json::parse(text);

  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_EQ(summary["type"], "summary");
  EXPECT_EQ(summary["name"], "20261120T020000Z");
  EXPECT_EQ(summary["status"], "degraded");
  EXPECT_EQ(summary["bytes"], 8'001'531);
  EXPECT_EQ(summary["duration_seconds"], 42);
  EXPECT_EQ(summary["downtime_seconds"], json::parse(R"({"api": 1.25})"));
  ASSERT_EQ(summary["components"].size(), 3U);
  EXPECT_EQ(summary["components"][2], (json{{"kind", "database"},
                                            {"service", "db"},
                                            {"name", "app"},
                                            {"status", "success"},
                                            {"grade", "dumped"},
                                            {"bytes", 7'654'321},
                                            {"sha256", sha256_of("app")}}));
}

TEST(Units, AreReadByPeople) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1024), "1.0 KiB");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(150ULL << 30U), "150 GiB");
  EXPECT_EQ(human_duration(0.837), "0.84 s");
  EXPECT_EQ(human_duration(59.4), "59 s");
  EXPECT_EQ(human_duration(65), "1 min 05 s");
  EXPECT_EQ(human_duration(7384), "2 h 03 min");
}

// Not "1024.0 KiB", not "60 s", not "10.00 s".
TEST(Units, RoundIntoTheNextUnit) {
  EXPECT_EQ(human_bytes((1ULL << 20U) - 1), "1.0 MiB");
  EXPECT_EQ(human_duration(59.7), "1 min 00 s");
  EXPECT_EQ(human_duration(9.996), "10 s");
  EXPECT_EQ(human_duration(3599.9), "1 h 00 min");
}

}  // namespace
}  // namespace controller
