// What only a store on a disk can get wrong.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "controller/archive/file_descriptor.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/written_snapshot.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DirectoryStore : public testing::Test {
 protected:
  std::string problem_of(const std::string& name) {
    for (const auto& entry : store_->list()) {
      if (entry.name == name) {
        return entry.problem;
      }
    }
    return "not listed";
  }

  TemporaryDirectory directory_;
  fs::path root_ = directory_ / "back ups";
  std::unique_ptr<SnapshotStore> store_ = open_directory_store(root_);
};

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  ::lstat(path.c_str(), &status);
  return status.st_mode & 07777U;
}

TEST_F(DirectoryStore, IsMadeWithItsParents) {
  open_directory_store(directory_ / "a/b/c");

  EXPECT_TRUE(fs::is_directory(directory_ / "a/b/c"));
  EXPECT_EQ(mode_of(directory_ / "a/b/c"), 0700U);
}

TEST_F(DirectoryStore, IsNotMadeOfAFile) {
  write_file(directory_ / "file", "");

  EXPECT_THROW(open_directory_store(directory_ / "file"), std::system_error);
  EXPECT_THROW(open_directory_store(directory_ / "file/store"), std::system_error);
}

TEST_F(DirectoryStore, TakesNoCorruptSnapshotForTheLastSuccess) {
  write_snapshot(*store_, "good", "2026-11-20T02:00:00Z");
  write_snapshot(*store_, "cut", "2026-11-21T02:00:00Z");
  write_snapshot(*store_, "lacking", "2026-11-22T02:00:00Z");
  write_snapshot(*store_, "forged", "2026-11-19T02:00:00Z");
  fs::resize_file(root_ / "cut/manifest.json", fs::file_size(root_ / "cut/manifest.json") - 2);
  fs::remove(root_ / "lacking/definition/compose.yml");
  auto text = read_file(root_ / "forged/manifest.json");
  text.replace(text.find("2026-11-19"), 10, "2026-11-29");
  write_file(root_ / "forged/manifest.json", text);
  write_file(root_ / "a file", "");
  fs::create_directory(root_ / "empty");
  fs::create_directory_symlink(root_ / "good", root_ / "link");

  EXPECT_EQ(store_->last_success("shop"), store_->manifest("good"));
}

/// Bytes that this process has read so far.
std::uint64_t bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::uint64_t count = 0;
  file >> name >> count;
  return name == "rchar:" ? count : 0;
}

TEST_F(DirectoryStore, ReadsOneManifestWholeToFindTheLastSuccess) {
  constexpr int kSnapshots = 20;
  constexpr std::uint64_t kBytes = 1U << 20U;
  for (int i = 0; i < kSnapshots; ++i) {
    const auto draft = store_->begin("s" + std::to_string(i));
    auto manifest = write_files(*draft, "s" + std::to_string(i),
                                "2026-11-20T02:00:" + std::to_string(10 + i) + "Z");
    manifest.uncovered = {{std::string(kBytes, 'x'), ""}};
    draft->commit(manifest);
  }

  const auto before = bytes_read();
  const auto last = store_->last_success("shop");
  const auto read = bytes_read() - before;

  ASSERT_TRUE(last);
  EXPECT_EQ(last->name, "s19");
  EXPECT_GT(read, kBytes);
  EXPECT_LT(read, 2 * kBytes);
}

TEST_F(DirectoryStore, LetsOnlyItsOwnerRead) {
  write_snapshot(*store_, "a");

  for (const auto& file : fs::recursive_directory_iterator(root_)) {
    EXPECT_EQ(mode_of(file.path()), file.is_directory() ? 0700U : 0600U) << file.path();
  }
}

// An unmounted disk must not look like an empty store.
TEST_F(DirectoryStore, ThrowsWhenItCannotBeRead) {
  fs::remove_all(root_);

  EXPECT_THROW(store_->list(), std::system_error);
  EXPECT_THROW(store_->free_bytes(), std::system_error);
  EXPECT_THROW(store_->sweep(), std::system_error);
}

TEST_F(DirectoryStore, FlagsADirectoryWithoutManifest) {
  fs::create_directory(root_ / "empty");
  fs::create_directory(root_ / "half");
  write_file(root_ / "half/data", "12345");

  EXPECT_THAT(listed(*store_), testing::UnorderedElementsAre("!empty", "!half"));
  EXPECT_THAT(problem_of("empty"), HasSubstr("no manifest.json"));
  EXPECT_THROW(store_->manifest("empty"), FormatError);
  EXPECT_EQ(store_->list()[1].bytes + store_->list()[0].bytes, 5U);
}

TEST_F(DirectoryStore, FlagsADamagedManifest) {
  write_snapshot(*store_, "a");
  auto text = read_file(root_ / "a/manifest.json");
  text[text.find("shop")] = 'S';
  write_file(root_ / "a/manifest.json", text);

  EXPECT_THAT(listed(*store_), ElementsAre("!a"));
  EXPECT_THAT(problem_of("a"), HasSubstr("sha256"));
}

TEST_F(DirectoryStore, FlagsManifestsThatAreNotReadableFiles) {
  for (const std::string name : {"link", "fifo", "folder", "huge"}) {
    write_snapshot(*store_, name);
    fs::remove(root_ / name / "manifest.json");
  }
  write_snapshot(*store_, "good");
  fs::create_symlink("../good/manifest.json", root_ / "link/manifest.json");
  ASSERT_EQ(::mkfifo((root_ / "fifo/manifest.json").c_str(), 0600), 0);
  fs::create_directory(root_ / "folder/manifest.json");
  write_file(root_ / "huge/manifest.json", "{");
  fs::resize_file(root_ / "huge/manifest.json", 1ULL << 40U);

  EXPECT_THAT(listed(*store_),
              testing::UnorderedElementsAre("!link", "!fifo", "!folder", "!huge", "good"));
}

TEST_F(DirectoryStore, FlagsAManifestThatCameFromElsewhere) {
  write_snapshot(*store_, "a");
  fs::rename(root_ / "a", root_ / "b");

  EXPECT_THAT(problem_of("b"), HasSubstr("another snapshot"));
}

TEST_F(DirectoryStore, FlagsMissingAndCutFiles) {
  write_snapshot(*store_, "missing");
  write_snapshot(*store_, "cut");
  write_snapshot(*store_, "linked");
  fs::remove(root_ / "missing/definition/deep/er/file");
  fs::resize_file(root_ / "cut/definition/compose.yml", 3);
  fs::rename(root_ / "linked/definition/deep", root_ / "linked/elsewhere");
  fs::create_symlink("../elsewhere", root_ / "linked/definition/deep");

  EXPECT_EQ(problem_of("missing"), "definition/deep/er/file is missing");
  EXPECT_EQ(problem_of("cut"), "definition/compose.yml has 3 bytes, not 13");
  EXPECT_THAT(problem_of("linked"), HasSubstr("definition/deep/er/file"));
}

TEST_F(DirectoryStore, IgnoresWhatIsNoSnapshot) {
  write_snapshot(*store_, "a");
  write_file(root_ / "notes.txt", "mine");
  fs::create_directory(root_ / ".cofferdam");
  fs::create_directory(root_ / ".b.partial");
  fs::create_directory(root_ / "lost+found");
  fs::create_directory_symlink("a", root_ / "latest");

  EXPECT_THAT(listed(*store_), ElementsAre("a"));
  EXPECT_THROW(store_->manifest("latest"), NoSuchSnapshot);
  EXPECT_THROW(store_->directory("notes.txt"), NoSuchSnapshot);
  EXPECT_THROW(store_->remove("notes.txt"), NoSuchSnapshot);
  EXPECT_THROW(store_->remove("latest"), NoSuchSnapshot);
  EXPECT_TRUE(fs::exists(root_ / "a/manifest.json"));
}

TEST_F(DirectoryStore, DoesNotTakeANameThatAnythingHas) {
  write_file(root_ / "file", "");
  fs::create_directory_symlink("nowhere", root_ / "link");

  EXPECT_THROW(store_->begin("file"), SnapshotExists);
  EXPECT_THROW(store_->begin("link"), SnapshotExists);
}

// Somebody may make a directory of that name while the draft is written.
TEST_F(DirectoryStore, NeverReplacesWhatCameInBetween) {
  const auto draft = store_->begin("a");
  const auto manifest = write_files(*draft, "a", "2026-11-20T02:00:00Z");
  fs::create_directory(root_ / "a");

  EXPECT_THROW(draft->commit(manifest), SnapshotExists);

  EXPECT_TRUE(fs::is_empty(root_ / "a"));
}

TEST_F(DirectoryStore, RefusesToCommitALinkAsAFile) {
  write_file(directory_ / "outside", "services: {}\n");
  const auto draft = store_->begin("a");
  const auto manifest = write_files(*draft, "a", "2026-11-20T02:00:00Z");
  fs::remove(draft->directory() / "definition/compose.yml");
  fs::create_symlink(directory_ / "outside", draft->directory() / "definition/compose.yml");

  EXPECT_THROW(draft->commit(manifest), std::system_error);
}

TEST_F(DirectoryStore, RemovesCorruptSnapshots) {
  fs::create_directories(root_ / "junk/a/b/c");
  write_file(root_ / "junk/a/b/c/file", "x");

  store_->remove("junk");

  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(DirectoryStore, RemovesLinksAndNotWhatTheyLeadTo) {
  write_file(directory_ / "precious", "gold");
  fs::create_directory(directory_ / "treasure");
  write_file(directory_ / "treasure/coin", "gold");
  fs::create_directory(root_ / "junk");
  fs::create_symlink(directory_ / "precious", root_ / "junk/file");
  fs::create_directory_symlink(directory_ / "treasure", root_ / "junk/folder");

  store_->remove("junk");

  EXPECT_EQ(read_file(directory_ / "precious"), "gold");
  EXPECT_EQ(read_file(directory_ / "treasure/coin"), "gold");
  EXPECT_FALSE(fs::exists(root_ / "junk"));
}

TEST_F(DirectoryStore, RemovesPathsLongerThanTheSystemAllows) {
  const std::string name(250, 'd');
  fs::create_directory(root_ / "deep");
  FileDescriptor place(::open((root_ / "deep").c_str(), O_RDONLY | O_DIRECTORY));
  for (int depth = 0; depth < 30; ++depth) {
    ASSERT_EQ(::mkdirat(place.fd(), name.c_str(), 0700), 0);
    place = FileDescriptor(::openat(place.fd(), name.c_str(), O_RDONLY | O_DIRECTORY));
  }

  store_->remove("deep");

  EXPECT_FALSE(fs::exists(root_ / "deep"));
}

TEST_F(DirectoryStore, SweepsWhatADeadProcessLeft) {
  fs::create_directories(root_ / ".a.partial/volumes");
  write_file(root_ / ".a.partial/volumes/x.tar.zst", "half");
  fs::create_directories(root_ / ".b.trash/volumes");
  fs::create_directories(root_ / ".cofferdam");
  fs::create_directories(root_ / ".mine");
  fs::create_directories(root_ / "..partial");
  write_file(root_ / ".c.partial", "a file");

  EXPECT_THAT(store_->sweep(), ElementsAre(".a.partial", ".b.trash"));

  EXPECT_TRUE(fs::exists(root_ / ".cofferdam"));
  EXPECT_TRUE(fs::exists(root_ / ".mine"));
  EXPECT_TRUE(fs::exists(root_ / "..partial"));
  EXPECT_TRUE(fs::exists(root_ / ".c.partial"));
}

TEST_F(DirectoryStore, TellsWhoHoldsItAndSinceWhen) {
  const auto lock = store_->lock("create 20261120T020000Z");

  try {
    open_directory_store(root_)->lock("restore x");
    FAIL() << "locked twice";
  } catch (const StoreLocked& error) {
    EXPECT_THAT(error.what(), HasSubstr("held by \"create 20261120T020000Z\" (process " +
                                        std::to_string(::getpid()) + " on "));
    EXPECT_THAT(error.what(), testing::ContainsRegex("since 20[0-9-]+T[0-9:]+Z"));
    EXPECT_THAT(error.what(), HasSubstr("Wait until"));
  }
}

TEST_F(DirectoryStore, IsFreeAgainWhenItsHolderIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = store_->lock("create a");
    [[maybe_unused]] const auto sent = ::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THROW(store_->lock("delete a"), StoreLocked);

  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);

  EXPECT_NO_THROW(store_->lock("delete a"));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(DirectoryStore, ShowsAnOwnersTextWithoutItsControlCharacters) {
  const auto lock = store_->lock("create \x1B[31m\nstop");

  try {
    store_->lock("x");
    FAIL() << "locked twice";
  } catch (const StoreLocked& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"create ?[31m"));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\x1B")));
  }
}

TEST_F(DirectoryStore, WorksThroughALinkToItsRoot) {
  fs::create_directory_symlink(root_, directory_ / "link");
  const auto linked = open_directory_store(directory_ / "link");

  write_snapshot(*linked, "a");

  EXPECT_THAT(listed(*store_), ElementsAre("a"));
}

TEST(SnapshotName, IsTheTimeInUtc) {
  using std::chrono::sys_seconds, std::chrono::seconds;

  EXPECT_EQ(snapshot_name_of(sys_seconds(seconds(0))), "19700101T000000Z");
  EXPECT_EQ(snapshot_name_of(sys_seconds(seconds(1795140000))), "20261120T020000Z");
  EXPECT_EQ(snapshot_name_of(sys_seconds(seconds(4102444799))), "20991231T235959Z");
  EXPECT_TRUE(valid_snapshot_name(snapshot_name_of(sys_seconds(seconds(0)))));
}

TEST(SnapshotName, IsPlain) {
  EXPECT_TRUE(valid_snapshot_name("a"));
  EXPECT_TRUE(valid_snapshot_name("before-upgrade_2.4.1"));
  EXPECT_TRUE(valid_snapshot_name(std::string(128, 'z')));
  EXPECT_FALSE(valid_snapshot_name("a\n"));
}

}  // namespace
}  // namespace controller
