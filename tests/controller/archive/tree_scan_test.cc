#include "controller/archive/tree_scan.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "controller/archive/posix_acl.h"
#include "controller/archive/problem_log.h"
#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

// More files than one batch holds: what happens between two batches happens behind the scan's back,
// since it has the names already.
class TreeScanTest : public testing::Test {
 protected:
  TreeScanTest() {
    fs::create_directory(root_);
    for (std::size_t i = 0; i <= ScanBatch::kEntries; ++i) {
      write_file(root_ / ("file" + std::to_string(100'000 + i)), "x");
    }
    write_file(last_, "last");
    write_file(directory_ / "secret", "secret");
  }

  ArchiveRequest request() const {
    ArchiveRequest request;
    request.root = root_;
    request.liveness = Liveness::Live;
    request.artifact = directory_ / "store/a.tar";
    return request;
  }

  void begin() {
    ASSERT_TRUE(scan_.fill(batch_));
    ASSERT_EQ(batch_.entries.size(), ScanBatch::kEntries);
  }

  // The last file's entry; nullptr if there is none.
  const ScannedEntry* finish() {
    EXPECT_TRUE(scan_.fill(batch_));
    const ScannedEntry& entry = batch_.entries.back();
    return entry.entry.path == "last" ? &entry : nullptr;
  }

  TemporaryDirectory directory_;
  fs::path root_ = directory_ / "root";
  fs::path last_ = root_ / "last";
  ArchiveRequest request_ = request();
  ProblemLog problems_{Liveness::Live};
  TreeScan scan_{request_, problems_};
  ScanBatch batch_;
};

TEST_F(TreeScanTest, HoldsTheContentOfSmallFiles) {
  begin();

  const ScannedEntry* const last = finish();

  ASSERT_NE(last, nullptr);
  EXPECT_TRUE(last->held);
  EXPECT_EQ(std::string(batch_.content.get() + last->content_at, last->entry.size), "last");
  EXPECT_FALSE(scan_.fill(batch_));
}

TEST_F(TreeScanTest, WarnsOfAFileThatVanished) {
  begin();
  fs::remove(last_);

  EXPECT_EQ(finish(), nullptr);

  EXPECT_EQ(problems_.take(),
            (std::vector<ArchiveWarning>{{"last", "vanished while it was read"}}));
}

TEST_F(TreeScanTest, TakesALinkThatTookAFilesPlaceForALink) {
  begin();
  fs::remove(last_);
  fs::create_symlink(directory_ / "secret", last_);

  const ScannedEntry* const last = finish();

  ASSERT_NE(last, nullptr);
  EXPECT_TRUE(S_ISLNK(last->entry.mode));
  EXPECT_EQ(last->entry.link_target, (directory_ / "secret").string());
  EXPECT_FALSE(last->held);
}

TEST_F(TreeScanTest, DoesNotWaitForAFifoThatTookAFilesPlace) {
  begin();
  fs::remove(last_);
  ASSERT_EQ(::mkfifo(last_.c_str(), 0600), 0);

  const ScannedEntry* const last = finish();

  ASSERT_NE(last, nullptr);
  EXPECT_TRUE(S_ISFIFO(last->entry.mode));
}

TEST_F(TreeScanTest, DoesNotEnterALinkThatTookADirectorysPlace) {
  fs::remove(last_);
  fs::create_directory(last_);
  write_file(last_ / "inside", "x");
  fs::create_directory(directory_ / "elsewhere");
  write_file(directory_ / "elsewhere/outside", "x");
  begin();
  fs::remove_all(last_);
  fs::create_directory_symlink(directory_ / "elsewhere", last_);

  const ScannedEntry* const last = finish();

  ASSERT_NE(last, nullptr);
  EXPECT_TRUE(S_ISLNK(last->entry.mode));
  EXPECT_FALSE(scan_.fill(batch_));
}

TEST(ProblemLog, ThrowsWhatChangesInAStillTree) {
  ProblemLog problems(Liveness::Still);

  EXPECT_THROW(problems.changed("a", "vanished"), std::runtime_error);
  problems.note("socket", "skipped");

  EXPECT_EQ(problems.take(), (std::vector<ArchiveWarning>{{"socket", "skipped"}}));
}

TEST(ProblemLog, KeepsAThousandAndCountsTheRest) {
  ProblemLog problems(Liveness::Live);
  for (int i = 0; i < 1005; ++i) {
    problems.changed(std::to_string(i), "vanished");
  }

  const auto warnings = problems.take();

  ASSERT_EQ(warnings.size(), 1001U);
  EXPECT_EQ(warnings.back().text, "5 more warnings");
}

TEST(PosixAcl, PutsEntriesInTheOrderTheKernelWants) {
  const Acl acl{{AclTag::Other, 4, 0},      {AclTag::Mask, 7, 0}, {AclTag::User, 6, 20},
                {AclTag::UserObject, 7, 0}, {AclTag::User, 6, 3}, {AclTag::GroupObject, 5, 0}};

  const auto read = acl_from_attribute(attribute_from_acl(acl));

  EXPECT_EQ(read, (Acl{{AclTag::UserObject, 7, 0},
                       {AclTag::User, 6, 3},
                       {AclTag::User, 6, 20},
                       {AclTag::GroupObject, 5, 0},
                       {AclTag::Mask, 7, 0},
                       {AclTag::Other, 4, 0}}));
}

TEST(PosixAcl, IsNotReadFromOtherBytes) {
  EXPECT_FALSE(acl_from_attribute(""));
  EXPECT_FALSE(acl_from_attribute(std::string("\3\0\0\0", 4)));
  EXPECT_FALSE(acl_from_attribute(std::string("\2\0\0\0\1", 5)));
}

}  // namespace
}  // namespace controller
