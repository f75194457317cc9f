#include "controller/snapshot/snapshot_listing.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "controller/snapshot/listing_notes.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/written_snapshot.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

constexpr int kMany = 40;

class LaterClock : public SystemClock {
 public:
  [[nodiscard]] std::chrono::system_clock::time_point now() const override {
    return SystemClock::now() + std::chrono::hours{1};
  }
};

/// A store of many snapshots.
class SnapshotListingTest : public testing::Test {
 protected:
  SnapshotListingTest() {
    for (int number = 0; number < kMany; ++number) {
      write_snapshot(*store_, "s" + std::to_string(number));
    }
  }

  [[nodiscard]] std::vector<SnapshotEntry> listed() const { return store_->list(); }
  [[nodiscard]] fs::path root() const { return folder_.path() / "store"; }

  [[nodiscard]] SnapshotEntry entry(const std::string& name) const {
    for (auto& one : listed()) {
      if (one.name == name) {
        return one;
      }
    }
    throw std::runtime_error("no " + name);
  }

  /// Notes of a later listing, changed to say that every snapshot is of "noted", so that it shows
  /// what was read.
  void put_notes() const {
    list_snapshots(root(), {}, LaterClock());
    auto notes = read_listing_notes(root());
    ASSERT_THAT(notes, SizeIs(kMany));
    for (auto& [name, note] : notes) {
      note.summary.project = "noted";
    }
    write_listing_notes(root(), notes);
  }

  TemporaryDirectory folder_;
  std::unique_ptr<SnapshotStore> store_ = open_directory_store(folder_.path() / "store");
};

TEST_F(SnapshotListingTest, NotesStandForManifestsThatHaveNotChanged) {
  put_notes();
  const auto entries = listed();
  EXPECT_THAT(entries, SizeIs(kMany));
  for (const auto& one : entries) {
    ASSERT_TRUE(one.summary) << one.problem;
    EXPECT_EQ(one.summary->project, "noted");
  }
}

TEST_F(SnapshotListingTest, WhoRemovesOnItsWordReadsEveryManifest) {
  put_notes();
  for (const auto& one : store_->list_anew()) {
    EXPECT_NE(one.summary->project, "noted");
  }
}

TEST_F(SnapshotListingTest, ADamagedManifestIsSeenThroughItsNote) {
  put_notes();
  const auto path = root() / "s7" / "manifest.json";
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  auto damaged = text.str();
  damaged[damaged.size() / 2] ^= 1;
  const auto old = fs::last_write_time(path);
  std::ofstream(path) << damaged;
  fs::last_write_time(path, old);  // nobody can set the time of that change
  EXPECT_FALSE(entry("s7").summary);
  EXPECT_EQ(entry("s8").summary->project, "noted");
  EXPECT_EQ(entry("s8").digest.size(), 64U);
}

TEST_F(SnapshotListingTest, AFileThatIsGoneOrShorterIsSeenThroughItsNote) {
  put_notes();
  const auto file = store_->manifest("s1").definition.front().path;
  fs::remove(root() / "s1" / file);
  fs::resize_file(root() / "s2" / file, 1);
  fs::remove(root() / "s3" / file);
  fs::create_symlink("/etc/passwd", root() / "s3" / file);
  EXPECT_THAT(entry("s1").problem, HasSubstr("is missing"));
  EXPECT_THAT(entry("s2").problem, HasSubstr("has 1 bytes"));
  EXPECT_FALSE(entry("s3").summary);
}

TEST_F(SnapshotListingTest, PinsAndChecksAreNotNoted) {
  put_notes();
  store_->pin("s4");
  store_->add_report(verify_report("s5", true));
  EXPECT_TRUE(entry("s4").pinned);
  EXPECT_FALSE(entry("s5").pinned);
  EXPECT_NE(entry("s5").checked, entry("s4").checked);
}

TEST_F(SnapshotListingTest, FewAreNotNoted) {
  const auto few = folder_.path() / "few";
  write_snapshot(*open_directory_store(few), "one");
  list_snapshots(few, {}, LaterClock());
  EXPECT_FALSE(fs::exists(few / ".cofferdam" / "listing"));
}

TEST_F(SnapshotListingTest, WhatWasChangedJustNowIsNotNoted) {
  EXPECT_THAT(listed(), SizeIs(kMany));
  EXPECT_THAT(read_listing_notes(root()), testing::IsEmpty());
}

TEST_F(SnapshotListingTest, AStoreThatCannotBeWrittenToIsListedAllTheSame) {
  std::ofstream(root() / ".cofferdam" / "listing") << "in the way";
  EXPECT_THAT(listed(), SizeIs(kMany));
}

}  // namespace
}  // namespace controller
