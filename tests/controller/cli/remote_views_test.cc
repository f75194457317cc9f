#include "controller/cli/remote_views.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

std::vector<RemoteSnapshot> two() {
  Manifest manifest;
  manifest.name = "nightly";
  manifest.project = "shop";
  manifest.created_at = "2026-11-20T02:00:00Z";
  return {{"broken", "00ff", "p/broken/00ff/", 10, "", std::nullopt, "it has no manifest.json"},
          {"nightly", "12ab", "p/nightly/12ab/", 2048, "{}", manifest, ""}};
}

TEST(RemoteViews, ListWhatIsThereAndWhatIsNotWhole) {
  EXPECT_EQ(
      remote_list_text(two()),
      "NAME     ID    CREATED               STATUS      PROJECT  SIZE\n"
      "broken   00ff  -                     INCOMPLETE  -        10 B  (it has no manifest.json)\n"
      "nightly  12ab  2026-11-20T02:00:00Z  success     shop     2.0 KiB\n");
  EXPECT_EQ(remote_list_text({}), "no snapshots\n");
}

TEST(RemoteViews, ListTheSameForScripts) {
  EXPECT_EQ(remote_list_json(two()), R"([
  {
    "name": "broken",
    "id": "00ff",
    "created_at": null,
    "status": "incomplete",
    "project": null,
    "bytes": 10,
    "problem": "it has no manifest.json"
  },
  {
    "name": "nightly",
    "id": "12ab",
    "created_at": "2026-11-20T02:00:00Z",
    "status": "success",
    "project": "shop",
    "bytes": 2048
  }
]
)");
}

TEST(RemoteViews, SayHowACopyWent) {
  using Kind = CopyOutcome::Kind;
  EXPECT_EQ(copy_text({"far", {"n", Kind::Copied, 2048}, ""}), "copied n to far: 2.0 KiB\n");
  EXPECT_EQ(copy_text({"far", {"n", Kind::WasThere, 1}, ""}), "n is at far already\n");
  EXPECT_EQ(copy_text({"far", {"n", Kind::Gone, 0}, ""}),
            "n was deleted here before it was copied to far\n");
  EXPECT_EQ(copy_text({"far", {"n", Kind::Gone, 0}, "nobody answers"}),
            "copy to far: failed: nobody answers; the snapshot here is not touched by that, and "
            "`cofferdam copy --pending --to far` goes on\n");
  EXPECT_EQ(
      copy_json({"far", {"n", Kind::Gone, 0}, "no"}),
      R"({"type":"copy","snapshot":"n","destination":"far","outcome":"failed","bytes":0,"message":"no"})"
      "\n");
}

}  // namespace
}  // namespace controller
