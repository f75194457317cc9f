// S5: the disk under what is archived, under an artifact, or under what is extracted breaks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include "controller/archive/volume_archive.h"
#include "tests/controller/archive/broken_disk.h"
#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;

class BrokenDiskTest : public testing::Test {
 protected:
  BrokenDiskTest() {
    fs::create_directory(root_);
    write_file(root_ / "large", std::string(3U << 20U, 'l'));
    write_file(root_ / "small", "s");
    for (const char* const name : {"large", "small"}) {
      EXPECT_EQ(::chown((root_ / name).c_str(), 999, 999), 0) << "these tests run as root";
    }
  }

  ArchiveSummary archive() {
    ArchiveRequest request;
    request.root = root_;
    request.artifact = artifact_;
    return archive_volume(request, {}, {});
  }

  ArchiveSummary extract(const ArchiveSummary& archived) {
    fs::remove_all(target_);
    fs::create_directory(target_);
    return extract_volume({artifact_, target_, archived.content_bytes, archived.entries, 2}, {},
                          {});
  }

  /// Does it on a disk that breaks at call `n`, which it must notice and say; false if it came to
  /// its end before.
  template <typename Action>
  static bool breaks_at(DiskUse use, int n, const Action& action, std::string* text) {
    const BrokenDisk disk(use, n);
    try {
      action();
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code().value(), EIO) << error.what();
      *text = error.what();
    }
    EXPECT_EQ(text->empty(), !disk.noticed()) << "call " << n << " failed, and nobody was told";
    return disk.noticed();
  }

  TemporaryDirectory directory_;
  fs::path root_ = directory_ / "root";
  fs::path target_ = directory_ / "target";
  fs::path artifact_ = directory_ / "a.tar.zst";
};

TEST_F(BrokenDiskTest, UnderTheSourceFailsTheArchiveAndLeavesNoFile) {
  int n = 1;
  for (std::string text; breaks_at(
           DiskUse::Read, n, [&] { archive(); }, &text);
       ++n, text.clear()) {
    EXPECT_THAT(text, AnyOf(HasSubstr("cannot read large: "), HasSubstr("cannot read small: ")));
    EXPECT_FALSE(fs::exists(artifact_)) << "call " << n;
  }
  EXPECT_GT(n, 6) << "calls were not seen";
  EXPECT_TRUE(fs::exists(artifact_));
}

TEST_F(BrokenDiskTest, UnderTheArtifactFailsWhoeverReadsIt) {
  const ArchiveSummary archived = archive();
  int n = 1;
  for (std::string text; breaks_at(
           DiskUse::Read, n, [&] { extract(archived); }, &text);
       ++n, text.clear()) {
    EXPECT_THAT(text, HasSubstr("cannot read " + artifact_.string()));
  }
  EXPECT_GT(n, 1) << "calls were not seen";
}

TEST_F(BrokenDiskTest, UnderTheTargetFailsTheExtraction) {
  const ArchiveSummary archived = archive();
  for (const DiskUse use : {DiskUse::Write, DiskUse::SetOwner, DiskUse::SetTimes}) {
    int n = 1;
    for (std::string text; breaks_at(
             use, n, [&] { extract(archived); }, &text);
         ++n, text.clear()) {
      EXPECT_THAT(text, HasSubstr("cannot "));
    }
    EXPECT_GT(n, 2) << "calls were not seen";
  }
}

// What was written counts only once it has reached the disk.
TEST_F(BrokenDiskTest, IsNoticedByTheLastSync) {
  const ArchiveSummary archived = archive();
  std::string text;

  EXPECT_TRUE(breaks_at(
      DiskUse::Sync, 1, [&] { extract(archived); }, &text));

  EXPECT_THAT(text, HasSubstr("cannot sync the file system of " + target_.string()));
}

}  // namespace
}  // namespace controller
