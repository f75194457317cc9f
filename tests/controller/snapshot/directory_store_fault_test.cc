// P2 and P6: whatever call is the last one or fails, a listing shows all of a snapshot or nothing,
// and nothing is shown that is not on the disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "controller/archive/artifact.h"
#include "controller/snapshot/verification.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/system_faults.h"
#include "tests/controller/snapshot/written_snapshot.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;

class StoreFaults : public testing::Test {
 protected:
  void SetUp() override { fresh(); }

  void fresh() {
    fs::remove_all(root_);
    store_ = open_directory_store(root_);
  }

  void expect_sound(const std::string& name) {
    EXPECT_THAT(verify_snapshot(store_->directory(name), store_->manifest(name), {}, {}),
                IsEmpty());
  }

  /// What is in the root but the folder of the state.
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_)) {
      names.push_back(entry.path().filename());
    }
    std::erase(names, ".cofferdam");
    std::ranges::sort(names);
    return names;
  }

  TemporaryDirectory directory_;
  fs::path root_ = directory_ / "store";
  std::unique_ptr<SnapshotStore> store_;
};

TEST_F(StoreFaults, AKilledCommitLeavesAllOrNothing) {
  for (const auto fault : {Fault::KillBefore, Fault::KillAfter}) {
    int whole = 0;
    int n = 1;
    for (bool died = true; died; ++n) {
      fresh();
      died = dies_at(n, fault, [&] { write_snapshot(*store_, "a"); });

      ASSERT_THAT(listed(*store_), AnyOf(IsEmpty(), ElementsAre("a"))) << "killed at call " << n;
      if (!listed(*store_).empty()) {
        ++whole;
        expect_sound("a");
      }
      store_->sweep();
      ASSERT_EQ(names(), listed(*store_)) << "killed at call " << n;
      if (names().empty()) {
        write_snapshot(*store_, "a");
      }
      expect_sound("a");
    }
    EXPECT_GT(n, 20) << "calls were not seen";
    // The rename and what comes after it, and the run to its end.
    EXPECT_GE(whole, 2);
    EXPECT_LT(whole, n / 2);
  }
}

TEST_F(StoreFaults, AFailedCallLeavesNoSnapshotAndNoDraft) {
  for (const auto fault : {Fault::NoSpace, Fault::Broken}) {
    bool reached = true;
    int failures = 0;
    for (int n = 1; reached; ++n) {
      fresh();
      bool thrown = false;
      try {
        reached = fails_at(n, fault, [&] { write_snapshot(*store_, "a"); });
      } catch (const NoSpace&) {
        thrown = true;
        EXPECT_EQ(fault, Fault::NoSpace);
      } catch (const std::system_error& error) {
        thrown = true;
        EXPECT_EQ(error.code().value(), EIO) << error.what();
      }
      failures += thrown ? 1 : 0;

      ASSERT_EQ(listed(*store_).empty(), thrown) << "call " << n;
      ASSERT_EQ(names().empty(), thrown) << "call " << n;
    }
    EXPECT_GT(failures, 20);
  }
}

TEST_F(StoreFaults, AKilledRemoveLeavesAllOrNothing) {
  for (const auto fault : {Fault::KillBefore, Fault::KillAfter}) {
    bool died = true;
    int n = 1;
    for (; died; ++n) {
      fresh();
      write_snapshot(*store_, "a");
      died = dies_at(n, fault, [&] { store_->remove("a"); });

      ASSERT_THAT(listed(*store_), AnyOf(IsEmpty(), ElementsAre("a"))) << "killed at call " << n;
      store_->sweep();
      ASSERT_EQ(names(), listed(*store_)) << "killed at call " << n;
      if (!names().empty()) {
        expect_sound("a");
      }
    }
    EXPECT_GT(n, 8) << "calls were not seen";
  }
}

TEST_F(StoreFaults, AFailedRemoveLeavesAllOrNothing) {
  bool reached = true;
  for (int n = 1; reached; ++n) {
    fresh();
    write_snapshot(*store_, "a");
    try {
      reached = fails_at(n, Fault::Broken, [&] { store_->remove("a"); });
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code().value(), EIO) << error.what();
    }

    ASSERT_THAT(listed(*store_), AnyOf(IsEmpty(), ElementsAre("a"))) << "call " << n;
    store_->sweep();
    ASSERT_EQ(names(), listed(*store_)) << "call " << n;
  }
}

constexpr std::chrono::sys_seconds kNoon{std::chrono::hours{12}};

TEST_F(StoreFaults, AKilledDiscardLeavesTheSnapshotInOnePlaceOrTheOther) {
  for (const auto fault : {Fault::KillBefore, Fault::KillAfter}) {
    bool died = true;
    int n = 1;
    for (; died; ++n) {
      fresh();
      write_snapshot(*store_, "a");
      store_->pin("a");
      died = dies_at(n, fault, [&] { store_->discard("a", kNoon); });

      store_->sweep();
      ASSERT_NE(listed(*store_).empty(), store_->discarded().empty()) << "killed at call " << n;
      if (!listed(*store_).empty()) {
        expect_sound("a");
      }
      ASSERT_EQ(fs::exists(root_ / ".cofferdam/pins/a"), !listed(*store_).empty());
    }
    EXPECT_GT(n, 8) << "calls were not seen";
  }
}

TEST_F(StoreFaults, APurgeThatIsKilledIsEndedByTheNext) {
  for (const auto fault : {Fault::KillBefore, Fault::KillAfter}) {
    bool died = true;
    int n = 1;
    for (; died; ++n) {
      fresh();
      write_snapshot(*store_, "a");
      store_->discard("a", kNoon);
      died = dies_at(n, fault, [&] { store_->purge(kNoon); });

      store_->purge(kNoon);
      ASSERT_THAT(store_->discarded(), IsEmpty()) << "killed at call " << n;
      ASSERT_TRUE(fs::is_empty(root_ / ".cofferdam/trash")) << "killed at call " << n;
    }
    EXPECT_GT(n, 5) << "calls were not seen";
  }
}

/// Position of the last call of that name about `path`; -1 if there is none.
std::ptrdiff_t last(const std::vector<DiskCall>& calls, const std::string& name,
                    const std::string& path) {
  const auto found = std::find_if(calls.rbegin(), calls.rend(), [&](const DiskCall& call) {
    return call.name == name && call.path == path;
  });
  return calls.rend() - found - 1;
}

TEST_F(StoreFaults, EverythingIsSyncedBeforeItHasItsName) {
  const auto draft = store_->begin("a");
  auto manifest = write_files(*draft, "a", "2026-11-20T02:00:00Z");
  draft->make_folder("volumes");
  // As an agent in another container leaves it: nobody here has synced it yet.
  write_file(draft->directory() / "volumes/v.tar.zst", "archive");

  const auto calls = calls_of([&] { draft->commit(manifest); });

  const auto renamed = last(calls, "rename", draft->directory());
  ASSERT_GE(renamed, 0);
  for (const std::string path : {"", "/definition", "/definition/compose.yml", "/definition/deep",
                                 "/definition/deep/er", "/definition/deep/er/file", "/volumes",
                                 "/volumes/v.tar.zst", "/RECOVERY.txt", "/manifest.json"}) {
    const auto full = draft->directory().string() + path;
    const auto synced = last(calls, "fsync", full);
    EXPECT_GE(synced, 0) << path;
    EXPECT_LT(synced, renamed) << path;
    EXPECT_GT(synced, last(calls, "write", full)) << path;
  }
  const auto written = last(calls, "create", draft->directory() / "manifest.json");
  EXPECT_GT(written, last(calls, "create", draft->directory() / "RECOVERY.txt"));
  EXPECT_GT(written, last(calls, "fsync", draft->directory() / "volumes"));
  EXPECT_GT(last(calls, "fsync", draft->directory()), written);
  EXPECT_GT(last(calls, "fsync", root_), renamed);
}

TEST_F(StoreFaults, ANewStoreIsSyncedIntoItsParents) {
  const auto calls = calls_of([&] { open_directory_store(directory_ / "x/y"); });

  EXPECT_GT(last(calls, "fsync", directory_ / "x"), last(calls, "mkdir", directory_ / "x/y"));
  EXPECT_GE(last(calls, "fsync", directory_.path()), 0);
}

// Deleting makes room, and needs the lock.
TEST_F(StoreFaults, AFullDiskCanBeLockedAndEmptied) {
  write_snapshot(*store_, "a");
  store_->lock("once, so that the file exists");

  fails_always("write", ENOSPC, [&] {
    const auto lock = store_->lock("delete a");
    EXPECT_THROW(store_->lock("other"), StoreLocked);
    store_->remove("a");
  });

  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(StoreFaults, AFileSystemThatCannotRenameWithoutReplacingIsServedToo) {
  fails_always("rename", EINVAL, [&] { write_snapshot(*store_, "a"); });
  EXPECT_THAT(listed(*store_), ElementsAre("a"));

  const auto draft = store_->begin("b");
  const auto manifest = write_files(*draft, "b", "2026-11-20T02:00:00Z");
  fs::create_directory(root_ / "b");
  fails_always("rename", EINVAL, [&] { EXPECT_THROW(draft->commit(manifest), SnapshotExists); });
}

}  // namespace
}  // namespace controller
