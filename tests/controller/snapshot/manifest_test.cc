#include "controller/snapshot/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/snapshot/manifest_head.h"
#include "controller/snapshot/manifest_seal.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/example_manifest.h"

namespace controller {
namespace {

using testing::HasSubstr;

const std::filesystem::path kManifests = std::filesystem::path(COFFERDAM_TEST_DATA) / "manifests";

/// A manifest in which `from` was replaced, and that was sealed again.
std::string edited(const std::string& from, const std::string& to) {
  std::string text = to_json(example_manifest());
  text.resize(text.size() - manifest_seal("").size());
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  return text + manifest_seal(text);
}

std::string refusal_of(const std::string& json) {
  try {
    manifest_from_json(json);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "accepted";
}

// The file format-1.json is never edited: snapshots like it lie in stores.
TEST(Manifest, ReadsWhatFormatOneWroteForEver) {
  const auto text = read_file(kManifests / "format-1.json");

  EXPECT_EQ(manifest_from_json(text), example_manifest());
}

TEST(Manifest, WritesFormatOneToTheByte) {
  EXPECT_EQ(to_json(example_manifest()), read_file(kManifests / "format-1.json"));
}

// Format 1 of versions that record networks; as little edited as the other.
TEST(Manifest, ReadsAndWritesFormatOneWithNetworksForEver) {
  const auto text = read_file(kManifests / "format-1-networks.json");

  EXPECT_EQ(manifest_from_json(text), example_manifest_with_networks());
  EXPECT_EQ(to_json(example_manifest_with_networks()), text);
}

TEST(Manifest, ReadsBackWhatItWrote) {
  const Manifest bare;

  EXPECT_EQ(manifest_from_json(to_json(bare)), bare);
  EXPECT_EQ(manifest_from_json(to_json(example_manifest())), example_manifest());
}

TEST(Manifest, HasTheSizeOfATableWhereItWasCounted) {
  Manifest manifest = example_manifest();
  manifest.databases[0].tables[0].bytes = 5000;
  manifest.databases[0].tables[1].bytes = 0;

  EXPECT_EQ(manifest_from_json(to_json(manifest)), manifest);
}

TEST(Manifest, KeepsEveryByteOfNames) {
  Manifest manifest = example_manifest();
  manifest.volumes[0].name = std::string("all\0", 4);
  for (int byte = 1; byte < 256; ++byte) {
    manifest.volumes[0].name += static_cast<char>(byte);
  }
  manifest.volumes[0].labels["\xFF\xEF\xBF\xBD"] = "\xED\xA0\x80 surrogate, \xC0\x80 overlong";

  EXPECT_EQ(manifest_from_json(to_json(manifest)), manifest);
}

TEST(Manifest, RefusesANewerFormatWhateverElseItSays) {
  EXPECT_THAT(refusal_of(R"({"format": 2, "nothing": "we know"})"), HasSubstr("newer than"));
}

TEST(Manifest, RefusesWhatIsNoManifest) {
  EXPECT_THAT(refusal_of(""), HasSubstr("not JSON"));
  EXPECT_THAT(refusal_of("[1]"), HasSubstr("format is missing"));
  EXPECT_THAT(refusal_of("{}"), HasSubstr("format is missing"));
  EXPECT_THAT(refusal_of(R"({"format": "1"})"), HasSubstr("format is not a whole number"));
  EXPECT_THAT(refusal_of(R"({"format": 0})"), HasSubstr("format is not a whole number"));
  EXPECT_THAT(refusal_of(R"({"format": 1})"), HasSubstr("sha256"));
  EXPECT_THAT(refusal_of(std::string(100'000, '[')), HasSubstr("not JSON"));
}

TEST(Manifest, IgnoresFieldsItDoesNotKnow) {
  const auto json = edited("\"project\":", "\"mascot\": {\"is\": [\"a beaver\"]}, \"project\":");

  EXPECT_EQ(manifest_from_json(json), example_manifest());
}

TEST(Manifest, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(refusal_of(edited("  \"project\": \"shop\",\n", "")),
              HasSubstr("project is missing"));
  EXPECT_THAT(refusal_of(edited("\"project\": \"shop\"", "\"project\": 7")),
              HasSubstr("project is not a string"));
  EXPECT_THAT(refusal_of(edited("\"status\": \"degraded\"", "\"status\": \"fine\"")),
              HasSubstr("status has a value unknown here: \"fine\""));
  EXPECT_THAT(refusal_of(edited("\"grade\": \"live\"", "\"grade\": \"dead\\u001b[31m\"")),
              HasSubstr("volumes[1].grade has a value unknown here: \"dead\\u001b[31m\""));
  EXPECT_THAT(refusal_of(edited("\"entries\": 42", "\"entries\": -42")),
              HasSubstr("volumes[0].entries is not a whole number"));
  EXPECT_THAT(refusal_of(edited("\"entries\": 42", "\"entries\": 42.5")),
              HasSubstr("volumes[0].entries"));
  EXPECT_THAT(refusal_of(edited("\"replicas\": 2", "\"replicas\": 4294967296")),
              HasSubstr("services[0].replicas is too large"));
  EXPECT_THAT(refusal_of(edited("\"outage_seconds\": 1.25", "\"outage_seconds\": null")),
              HasSubstr("outage_seconds is not a number"));
  EXPECT_THAT(refusal_of(edited("\"o\": \"bind\"", "\"o\": [\"bind\"]")),
              HasSubstr("volumes[0].options[\"o\"] is not a string"));
  EXPECT_THAT(refusal_of(edited("\"rows\": 0", "\"rows\": \"0\"")),
              HasSubstr("databases[0].tables[1].rows"));
  EXPECT_THAT(refusal_of(edited("h\xC3\xB6st", "h\xEF\xBF\xBDst")),
              HasSubstr("hostname has a U+FFFD without two hex digits"));
}

TEST(Manifest, RefusesPathsThatLeaveTheSnapshot) {
  for (const std::string path : {"", "/etc/shadow", "../other/volumes/x", "volumes/../../x", ".",
                                 "volumes//x", "volumes/", "./x"}) {
    EXPECT_THAT(refusal_of(edited("volumes/redis.tar.zst", path)),
                HasSubstr("volumes[0].artifact.path is no path below"))
        << path;
  }
}

TEST(Manifest, RefusesTwoThingsInOneFile) {
  EXPECT_THAT(refusal_of(edited("definition/compose.yml", "databases/db/app.dump.zst")),
              HasSubstr("two things are stored as \"databases/db/app.dump.zst\""));
  EXPECT_THAT(refusal_of(edited("definition/compose.yml", "RECOVERY.txt")),
              HasSubstr("two things"));
}

TEST(Manifest, RefusesADigestThatIsNone) {
  EXPECT_THAT(refusal_of(edited(sha256_of("redis"), "abc")),
              HasSubstr("volumes[0].artifact.sha256 is not a SHA-256"));
}

// P7, as far as it concerns this file.
TEST(Manifest, NoticesEveryFlippedBitAndEveryCut) {
  const auto good = to_json(example_manifest());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string flipped = good;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
    EXPECT_NE(refusal_of(flipped), "accepted") << "byte " << i;
  }
  for (std::size_t size = 0; size < good.size(); size += 7) {
    EXPECT_NE(refusal_of(good.substr(0, size)), "accepted") << "cut at " << size;
  }
  EXPECT_NE(refusal_of(good + "\n"), "accepted");
  EXPECT_NE(refusal_of(good + good), "accepted");
}

TEST(Manifest, IsSealedSoThatStockToolsCanTell) {
  const TemporaryDirectory directory;
  write_file(directory / "manifest.json", to_json(example_manifest()));
  const std::string go = "cd " + directory.path().string() + " && ";

  const auto sum = output_of(go + "head -n -2 manifest.json | sha256sum").substr(0, 64);

  EXPECT_THAT(output_of(go + "tail -n 2 manifest.json"), HasSubstr("\"" + sum + "\""));
}

TEST(Manifest, SaysInItsFirstLinesWhatOneChoosesBy) {
  const auto text = to_json(example_manifest());
  const ManifestHead head{"shop", "2026-11-20T02:00:00Z", "degraded"};
  const auto end = text.find("degraded\"") + std::string("degraded\"").size();

  EXPECT_EQ(manifest_head_from(text), head);
  EXPECT_EQ(manifest_head_from(text.substr(0, end)), head);
  for (std::size_t size = 0; size < end; ++size) {
    EXPECT_EQ(manifest_head_from(text.substr(0, size)), std::nullopt) << "cut at " << size;
  }
}

TEST(Manifest, TakesNothingElseForItsFirstLines) {
  EXPECT_EQ(manifest_head_from(R"({"x": {"project": "a", "created_at": "b", "status": "c"}})"),
            std::nullopt);
  EXPECT_EQ(manifest_head_from(R"({"project": 1, "created_at": "b", "status": "c"})"),
            std::nullopt);
  EXPECT_EQ(manifest_head_from("{\"project\": \"\xEF\xBF\xBDzz\", \"created_at\": \"\", "
                               "\"status\": \"\"}"),
            std::nullopt);
  EXPECT_EQ(manifest_head_from(std::string(100'000, '[')), std::nullopt);
}

TEST(Manifest, ListsEveryArtifactOnce) {
  std::vector<std::string> paths;
  for (const auto& artifact : artifacts(example_manifest())) {
    paths.push_back(artifact.path);
  }

  EXPECT_THAT(paths,
              testing::ElementsAre("volumes/redis.tar.zst", "volumes/api_1_uploads.tar.zst",
                                   "databases/db/app.dump.zst", "databases/db/globals.sql.zst",
                                   "definition/compose.yml"));
  EXPECT_EQ(stored_bytes(example_manifest()), 345'678U + 120 + 7'654'321 + 512 + 900);
}

}  // namespace
}  // namespace controller
