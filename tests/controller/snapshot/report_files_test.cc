// What only reports on a disk can get wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <system_error>

#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/system_faults.h"
#include "tests/controller/snapshot/written_snapshot.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class ReportFiles : public testing::Test {
 protected:
  void SetUp() override { fresh(); }

  void fresh() {
    fs::remove_all(root_);
    store_ = open_directory_store(root_);
    write_snapshot(*store_, "a");
    store_->add_report(verify_report("a", true));
  }

  void change(const fs::path& path, std::size_t at) {
    auto text = read_file(path);
    text.at(at) = static_cast<char>(text.at(at) ^ 1);
    fs::remove(path);
    write_file(path, text);
  }

  TemporaryDirectory directory_;
  fs::path root_ = directory_ / "store";
  fs::path file_ = root_ / ".cofferdam/reports/a.jsonl";
  std::unique_ptr<SnapshotStore> store_;
};

TEST_F(ReportFiles, ShowAChangedByteInTheListing) {
  change(file_, 50);

  EXPECT_THAT(store_->list().front().checked.problem, HasSubstr("line 1 of the reports"));
  EXPECT_THAT(store_->reports("a").problem, HasSubstr("line 1 of the reports"));
}

TEST_F(ReportFiles, StayBrokenWhateverIsAdded) {
  change(file_, 50);

  store_->add_report(verify_report("a", true));

  EXPECT_THAT(store_->reports("a").problem, HasSubstr("line 1 of the reports"));
}

TEST_F(ReportFiles, AreAboutTheManifestThatTheyWereWrittenAbout) {
  change(root_ / "a/manifest.json", 50);

  EXPECT_THAT(store_->reports("a").problem, HasSubstr("another manifest.json"));
}

TEST_F(ReportFiles, OfACorruptSnapshotAreKeptToo) {
  write_snapshot(*store_, "b");
  fs::remove(root_ / "b/manifest.json");

  store_->add_report(verify_report("b", false));

  EXPECT_EQ(store_->list().back().name, "b");
  EXPECT_EQ(store_->list().back().checked.failed_kind, "verify");
  EXPECT_EQ(store_->list().back().checked.problem, "");
}

TEST_F(ReportFiles, AreSweptWithoutTheirSnapshot) {
  write_snapshot(*store_, "b");
  store_->add_report(verify_report("b", true));
  fs::remove_all(root_ / "a");

  EXPECT_THAT(store_->sweep(), IsEmpty());

  EXPECT_FALSE(fs::exists(file_));
  EXPECT_EQ(store_->reports("b").reports.size(), 1U);
}

TEST_F(ReportFiles, AreNoLinksToOtherFiles) {
  fs::rename(file_, directory_ / "elsewhere");
  fs::create_symlink(directory_ / "elsewhere", file_);
  const auto before = read_file(directory_ / "elsewhere");

  EXPECT_THROW(store_->add_report(verify_report("a", true)), std::system_error);

  EXPECT_EQ(read_file(directory_ / "elsewhere"), before);
  EXPECT_NE(store_->reports("a").problem, "");
}

TEST_F(ReportFiles, AKilledAppendLeavesAllOrNothing) {
  for (const auto fault : {Fault::KillBefore, Fault::KillAfter}) {
    int n = 1;
    for (bool died = true; died; ++n) {
      fresh();
      died = dies_at(n, fault, [&] { store_->add_report(verify_report("a", false)); });

      const auto chain = store_->reports("a");
      ASSERT_EQ(chain.problem, "") << "killed at call " << n;
      ASSERT_GE(chain.reports.size(), died ? 1U : 2U) << "killed at call " << n;
      store_->add_report(verify_report("a", true));
      ASSERT_EQ(store_->reports("a").reports.size(), chain.reports.size() + 1);
    }
    EXPECT_GT(n, 3) << "calls were not seen";
  }
}

TEST_F(ReportFiles, AFailedAppendLeavesWhatWasThere) {
  for (const auto fault : {Fault::NoSpace, Fault::Broken}) {
    int failures = 0;
    bool reached = true;
    for (int n = 1; reached; ++n) {
      fresh();
      bool thrown = false;
      try {
        reached = fails_at(n, fault, [&] { store_->add_report(verify_report("a", false)); });
      } catch (const std::exception&) {
        thrown = true;
        ++failures;
      }

      const auto chain = store_->reports("a");
      ASSERT_EQ(chain.problem, "") << "call " << n;
      ASSERT_GE(chain.reports.size(), thrown ? 1U : 2U) << "call " << n;
    }
    EXPECT_GE(failures, 2);
  }
}

}  // namespace
}  // namespace controller
