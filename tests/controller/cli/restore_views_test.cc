#include "controller/cli/restore_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace controller {
namespace {

using testing::HasSubstr;

RollbackPoint point() {
  return {"job1",
          "restore",
          "shop",
          "nightly",
          "2026-11-20T02:00:00Z",
          "2026-11-23T02:00:00Z",
          false,
          {{KeptItem::Kind::Volume, "shop_files", "/v/_data", "job1", 3 << 20},
           {KeptItem::Kind::Database, "db", "app", "job1", 1 << 20}}};
}

RestorePlan plan() {
  RestorePlan plan;
  plan.snapshot = "nightly";
  plan.taken_at = "2026-11-20T02:00:00Z";
  plan.volumes.resize(1);
  plan.databases.resize(1);
  return plan;
}

std::chrono::system_clock::time_point after(std::chrono::minutes span) {
  return std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + std::chrono::hours{2} + span;
}

TEST(RestoreViews, SaysHowMuchIsLost) {
  using namespace std::chrono_literals;
  EXPECT_EQ(data_loss(plan(), after(59min)),
            "  lost unless undone: what was written since 2026-11-20T02:00:00Z (59 min)\n");
  EXPECT_THAT(data_loss(plan(), after(3h + 12min)), HasSubstr("(3 h 12 min)"));
  EXPECT_THAT(data_loss(plan(), after(24h * 5)), HasSubstr("(5 d 0 h)"));
  RestorePlan copy;
  copy.taken_at = plan().taken_at;
  copy.volumes.resize(1);
  EXPECT_EQ(data_loss(copy, after(1h)), "") << "a copy loses nothing";
}

TEST(RestoreViews, SaysWhatIsKeptAndHowToGoBack) {
  RestoreResult result;
  result.downtime = {{"web", 1.5}};
  result.point = point();

  EXPECT_EQ(summary_text(plan(), result),
            "restored nightly, 1 volume(s), 1 database(s); longest downtime 1.500 s\n"
            "what was live before is kept until 2026-11-23T02:00:00Z (4.0 MiB): `cofferdam undo` "
            "goes back to it, `cofferdam commit` drops it\n");
  auto undone = plan();
  undone.kind = "undo";
  EXPECT_THAT(summary_text(undone, result), HasSubstr("`cofferdam undo job1`"));
}

TEST(RestoreViews, SummarisesOnOneLineOfJson) {
  RestoreResult result;
  result.point = point();

  const auto json = summary_json(plan(), result);

  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1);
  EXPECT_THAT(json, HasSubstr(R"("type":"summary","kind":"restore","snapshot":"nightly")"));
  EXPECT_THAT(json, HasSubstr(R"("point":"job1")"));
}

TEST(RestoreViews, SaysWhatBecameOfOneTable) {
  RestorePlan one;
  one.snapshot = "nightly";
  one.taken_at = "2026-11-20T02:00:00Z";
  one.databases.resize(1);
  one.databases.front().record.service = "db";
  one.databases.front().record.name = "app";
  one.databases.front().table = "public.items";
  const RestoredTable done{"public", "items", 3, 5};

  EXPECT_EQ(summary_text(one, done),
            "restored table public.items of db/app from nightly: 5 row(s) in the place of 3\n");
  EXPECT_EQ(summary_json(one, done),
            R"({"type":"summary","kind":"restore","snapshot":"nightly","status":"success",)"
            R"("table":{"service":"db","database":"app","schema":"public","name":"items",)"
            R"("rows":5,"rows_before":3}})"
            "\n");
  EXPECT_EQ(data_loss(one, after(std::chrono::minutes{5})),
            "  lost for good: what was written to the table since 2026-11-20T02:00:00Z (5 min)\n");
}

TEST(RestoreViews, ListsPointsWithTheirSizes) {
  EXPECT_EQ(points_text({point()}),
            "job1  2026-11-20T02:00:00Z  before the restore of nightly, until "
            "2026-11-23T02:00:00Z, 4.0 MiB\n"
            "  volume shop_files, 3.0 MiB\n"
            "  database db/app, 1.0 MiB\n");
  EXPECT_EQ(points_text({}), "no rollback points\n");
  EXPECT_THAT(points_json({point()}), HasSubstr(R"("bytes":4194304,"items")"));
  EXPECT_EQ(points_json({}), "[]\n");
}

}  // namespace
}  // namespace controller
