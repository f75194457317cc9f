#include "controller/snapshot/verification.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>

#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/full_snapshot.h"

namespace controller {

void PrintTo(const Finding& finding, std::ostream* out) {
  *out << finding.path << ": " << finding.text;
}

namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Verification : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(directory_ / "tree/folder");
    write_file(directory_ / "tree/folder/file", std::string(100'000, 'z') + "tail");
    write_file(directory_ / "tree/small", "abc");
    manifest_ = write_full_snapshot(*store_, directory_ / "tree", "shop_data");
    snapshot_ = store_->directory("full");
  }

  std::vector<Finding> verify() {
    return verify_snapshot(snapshot_, manifest_, read_example_dump, {});
  }

  /// As `cofferdam verify` does it: the manifest is read from the store too.
  std::vector<Finding> verify_stored() {
    try {
      return verify_snapshot(snapshot_, store_->manifest("full"), read_example_dump, {});
    } catch (const FormatError& error) {
      return {{"manifest.json", error.what()}};
    }
  }

  std::vector<std::string> files() {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(snapshot_)) {
      if (entry.is_regular_file()) {
        files.push_back(entry.path().lexically_relative(snapshot_));
      }
    }
    return files;
  }

  /// Both with the manifest as it is on the disk, and with one that was read before.
  void expect_named(const std::string& file, const std::string& damage) {
    const auto names_it = AllOf(Not(IsEmpty()), Each(Field(&Finding::path, file)));
    EXPECT_THAT(verify_stored(), names_it) << file << " " << damage;
    EXPECT_THAT(verify(), names_it) << file << " " << damage;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<SnapshotStore> store_ = open_directory_store(directory_ / "store");
  Manifest manifest_;
  fs::path snapshot_;
};

TEST_F(Verification, FindsNothingWrongWithWhatWasWritten) {
  EXPECT_THAT(verify(), IsEmpty());
  EXPECT_THAT(verify_stored(), IsEmpty());
  EXPECT_THAT(files(), testing::UnorderedElementsAre(
                           "manifest.json", "RECOVERY.txt", "volumes/data.tar.zst",
                           "databases/db/app.dump.zst", "databases/db/globals.sql.zst",
                           "definition/compose.yml"));
}

/// Every byte of a small file; of a larger one some, the first and the last among them.
std::vector<std::size_t> some_bytes(std::size_t size) {
  std::vector<std::size_t> chosen;
  const std::size_t step = size <= 600 ? 1 : size / 40;
  for (std::size_t i = 0; i < size; i += step) {
    chosen.push_back(i);
  }
  chosen.push_back(size - 1);
  return chosen;
}

// P7.
TEST_F(Verification, NamesTheFileOfAFlippedByte) {
  for (const auto& file : files()) {
    const auto good = read_file(snapshot_ / file);
    for (const auto i : some_bytes(good.size())) {
      auto bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
      write_file(snapshot_ / file, bad);
      expect_named(file, "byte " + std::to_string(i));
    }
    write_file(snapshot_ / file, good);
  }
  EXPECT_THAT(verify_stored(), IsEmpty());
}

TEST_F(Verification, NamesTheFileThatIsNotWhatItWas) {
  const std::vector<std::pair<std::string, std::function<void(const fs::path&)>>> damages = {
      {"cut", [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) - 1); }},
      {"emptied", [](const fs::path& path) { fs::resize_file(path, 0); }},
      {"longer", [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) + 1); }},
      {"doubled",
       [](const fs::path& path) { write_file(path, read_file(path) + read_file(path)); }},
      {"zeroed",
       [](const fs::path& path) { write_file(path, std::string(read_file(path).size(), '\0')); }},
      {"deleted", [](const fs::path& path) { fs::remove(path); }},
      {"linked",
       [](const fs::path& path) {
         fs::rename(path, path.string() + ".real");
         fs::create_symlink(path.filename().string() + ".real", path);
       }},
      {"a directory",
       [](const fs::path& path) {
         fs::remove(path);
         fs::create_directory(path);
       }},
      {"a fifo", [](const fs::path& path) {
         fs::remove(path);
         ::mkfifo(path.c_str(), 0600);
       }}};
  for (const auto& file : files()) {
    const auto good = read_file(snapshot_ / file);
    for (const auto& [name, damage] : damages) {
      damage(snapshot_ / file);
      expect_named(file, name);
      fs::remove(snapshot_ / file);
      write_file(snapshot_ / file, good);
    }
  }
}

TEST_F(Verification, DoesNotFollowALinkedFolder) {
  fs::rename(snapshot_ / "databases", directory_ / "elsewhere");
  fs::create_directory_symlink(directory_ / "elsewhere", snapshot_ / "databases");

  EXPECT_THAT(verify(), ElementsAre(Field(&Finding::path, "databases/db/app.dump.zst"),
                                    Field(&Finding::path, "databases/db/globals.sql.zst")));
}

TEST_F(Verification, NamesEveryBadFile) {
  fs::remove(snapshot_ / "volumes/data.tar.zst");
  fs::remove(snapshot_ / "definition/compose.yml");

  EXPECT_THAT(verify(), ElementsAre(Finding{"volumes/data.tar.zst", "missing"},
                                    Finding{"definition/compose.yml", "missing"}));
}

TEST_F(Verification, CountsWhatAVolumeHolds) {
  manifest_.volumes[0].entries += 1;
  manifest_.volumes[0].content_bytes -= 1;
  manifest_.volumes[0].artifact.raw_bytes += 512;

  EXPECT_THAT(verify(),
              ElementsAre(Field(&Finding::text, HasSubstr("decompressed size differs")),
                          Finding{"volumes/data.tar.zst",
                                  "number of entries differs: it is 4, recorded was 5"},
                          Field(&Finding::text, HasSubstr("size of the content differs"))));
}

TEST_F(Verification, CountsWhatIsCompressed) {
  manifest_.servers[0].globals->raw_bytes = 7;

  EXPECT_THAT(verify(),
              ElementsAre(Finding{"databases/db/globals.sql.zst",
                                  "decompressed size differs: it is 18, recorded was 7"}));
}

TEST_F(Verification, PassesOnWhatADumpsReaderFinds) {
  const Finding wrong{"databases/db/app.dump.zst", "table orders has 3 rows, not 4"};

  const auto found = verify_snapshot(
      snapshot_, manifest_, [&](const auto&, const auto&) { return std::vector{wrong}; }, {});

  EXPECT_THAT(found, ElementsAre(wrong));
}

TEST_F(Verification, BelievesNoReaderOfADumpThatIsDamaged) {
  const auto path = snapshot_ / "databases/db/app.dump.zst";
  auto bytes = read_file(path);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file(path, bytes);

  const auto found = verify_snapshot(
      snapshot_, manifest_, [](const auto&, const auto&) { return std::vector<Finding>{}; }, {});

  EXPECT_THAT(found, ElementsAre(Field(&Finding::text, HasSubstr("sha256 differs"))));
}

TEST_F(Verification, ChecksOnlyWhatTheManifestAsksFor) {
  fs::remove(snapshot_ / "volumes/data.tar.zst");
  write_file(snapshot_ / "stray", "not ours");
  manifest_.volumes.clear();

  EXPECT_THAT(verify(), IsEmpty());
}

TEST_F(Verification, TellsHowFarItIs) {
  std::vector<std::uint64_t> steps;

  verify_snapshot(snapshot_, manifest_, read_example_dump,
                  [&](std::uint64_t bytes) { steps.push_back(bytes); });

  EXPECT_TRUE(std::ranges::is_sorted(steps));
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps.back(), stored_bytes(manifest_));
}

TEST_F(Verification, OfDigestsFindsEveryChangedByteAndLeavesTheContentAlone) {
  manifest_.volumes[0].entries += 1;
  EXPECT_THAT(check_digests(snapshot_, manifest_, {}), IsEmpty());

  for (const auto& file : files()) {
    const auto path = snapshot_ / file;
    const auto bytes = read_file(path);
    auto changed = bytes;
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
    write_file(path, changed);
    EXPECT_THAT(check_digests(snapshot_, manifest_, {}), ElementsAre(Field(&Finding::path, file)));
    write_file(path, bytes);
  }
}

TEST_F(Verification, OfDigestsTellsHowFarItIs) {
  std::vector<std::uint64_t> steps;

  check_digests(snapshot_, manifest_, [&](std::uint64_t bytes) { steps.push_back(bytes); });

  EXPECT_TRUE(std::ranges::is_sorted(steps));
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps.back(), stored_bytes(manifest_));
}

}  // namespace
}  // namespace controller
