// What every SnapshotStore promises; see snapshot_store.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "controller/archive/artifact.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/example_manifest.h"
#include "tests/controller/snapshot/written_snapshot.h"
#include "tests/fakes/memory_store.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Kind {
  std::string name;
  std::function<std::unique_ptr<SnapshotStore>(const std::filesystem::path& root)> open;
};

class SnapshotStoreContract : public testing::TestWithParam<Kind> {
 protected:
  TemporaryDirectory directory_;
  std::unique_ptr<SnapshotStore> store_ = GetParam().open(directory_ / "store");
};

TEST_P(SnapshotStoreContract, IsEmptyAtFirst) {
  EXPECT_THAT(store_->list(), IsEmpty());
  EXPECT_THAT(store_->sweep(), IsEmpty());
  EXPECT_GT(store_->free_bytes(), 0U);
}

TEST_P(SnapshotStoreContract, ShowsASnapshotOnceItIsCommitted) {
  auto draft = store_->begin("a");
  auto written = write_files(*draft, "a", "2026-11-20T02:00:00Z");

  EXPECT_THAT(listed(*store_), IsEmpty());
  EXPECT_THROW(store_->manifest("a"), NoSuchSnapshot);
  draft->commit(written);
  draft.reset();

  EXPECT_THAT(listed(*store_), ElementsAre("a"));
  const auto manifest = store_->manifest("a");
  written.recovery = manifest.recovery;
  EXPECT_EQ(manifest, written);
  EXPECT_EQ(store_->list().front().summary, summary_of(manifest));
}

TEST_P(SnapshotStoreContract, PublishesTheManifestOfAnotherStoreByteForByte) {
  write_snapshot(*store_, "a");
  const auto json = read_file(store_->directory("a") / "manifest.json");
  const auto recovery = read_file(store_->directory("a") / "RECOVERY.txt");
  store_->remove("a");
  const auto write = [&](const std::string& text) {
    auto draft = store_->begin("a");
    write_files(*draft, "a", "2026-11-20T02:00:00Z");
    draft->add_text("RECOVERY.txt", text);
    draft->commit_as(json);
  };

  EXPECT_THROW(write(std::string(recovery.size(), 'x')), IntegrityError);
  EXPECT_THROW(store_->begin("b")->commit_as(json), std::invalid_argument);
  EXPECT_THROW(store_->begin("a")->commit_as(json + " "), FormatError);
  EXPECT_THAT(listed(*store_), IsEmpty());
  write(recovery);

  EXPECT_THAT(listed(*store_), ElementsAre("a"));
  EXPECT_EQ(read_file(store_->directory("a") / "manifest.json"), json);
}

TEST_P(SnapshotStoreContract, KeepsTheFilesOfASnapshotInItsDirectory) {
  write_snapshot(*store_, "a");

  const auto directory = store_->directory("a");

  EXPECT_EQ(read_file(directory / "definition/compose.yml"), "services: {}\n");
  EXPECT_EQ(manifest_from_json(read_file(directory / "manifest.json")), store_->manifest("a"));
}

TEST_P(SnapshotStoreContract, RecordsTheDigestOfTheRecoveryText) {
  write_snapshot(*store_, "a");

  const auto text = read_file(store_->directory("a") / "RECOVERY.txt");

  EXPECT_EQ(store_->manifest("a").recovery,
            (Artifact{"RECOVERY.txt", text.size(), text.size(), sha256_of(text)}));
  EXPECT_THAT(text, HasSubstr("a"));
}

TEST_P(SnapshotStoreContract, CountsAllBytesOfASnapshot) {
  write_snapshot(*store_, "a");
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(store_->directory("a"))) {
    bytes += file.is_regular_file() ? file.file_size() : 0;
  }

  EXPECT_EQ(store_->list().front().bytes, bytes);
}

TEST_P(SnapshotStoreContract, SaysWhatATextBecame) {
  const auto draft = store_->begin("a");

  const auto artifact = draft->add_text("notes/one", "hello");

  EXPECT_EQ(artifact, (Artifact{"notes/one", 5, 5, sha256_of("hello")}));
  EXPECT_EQ(read_file(draft->directory() / "notes/one"), "hello");
}

TEST_P(SnapshotStoreContract, MakesFoldersMoreThanOnce) {
  const auto draft = store_->begin("a");

  draft->make_folder("databases/db");
  draft->make_folder("databases/db");

  EXPECT_TRUE(std::filesystem::is_directory(draft->directory() / "databases/db"));
}

TEST_P(SnapshotStoreContract, RefusesPathsThatLeaveTheDraft) {
  const auto draft = store_->begin("a");

  for (const std::string path : {"", "../x", "a/../../x", "/tmp/x"}) {
    EXPECT_THROW(draft->add_text(path, ""), std::invalid_argument) << path;
    EXPECT_THROW(draft->make_folder(path), std::invalid_argument) << path;
  }
}

TEST_P(SnapshotStoreContract, NeverWritesAFileTwice) {
  const auto draft = store_->begin("a");
  draft->add_text("one", "first");

  EXPECT_ANY_THROW(draft->add_text("one", "second"));

  EXPECT_EQ(read_file(draft->directory() / "one"), "first");
}

TEST_P(SnapshotStoreContract, ListsTheOldestFirst) {
  write_snapshot(*store_, "b", "2026-11-20T02:00:00Z");
  write_snapshot(*store_, "a", "2026-11-21T02:00:00Z");
  write_snapshot(*store_, "c", "2026-11-19T02:00:00Z");

  EXPECT_THAT(listed(*store_), ElementsAre("c", "b", "a"));
}

TEST_P(SnapshotStoreContract, KnowsTheLastSuccessOfAProject) {
  const auto commit = [&](const std::string& name, const std::string& time,
                          const std::string& project, Status status) {
    const auto draft = store_->begin(name);
    auto manifest = write_files(*draft, name, time);
    manifest.project = project;
    manifest.status = status;
    draft->commit(manifest);
  };
  EXPECT_EQ(store_->last_success("shop"), std::nullopt);
  commit("z", "2026-11-20T02:00:00Z", "shop", Status::Success);
  commit("a", "2026-11-21T02:00:00Z", "shop", Status::Success);
  commit("m", "2026-11-19T02:00:00Z", "shop", Status::Success);
  commit("later", "2026-11-22T02:00:00Z", "shop", Status::Degraded);
  commit("other", "2026-11-23T02:00:00Z", "blog", Status::Success);
  const auto draft = store_->begin("unfinished");
  write_files(*draft, "unfinished", "2026-11-24T02:00:00Z");

  EXPECT_EQ(store_->last_success("shop"), store_->manifest("a"));
  EXPECT_EQ(store_->last_success("blog"), store_->manifest("other"));
  EXPECT_EQ(store_->last_success("shopping"), std::nullopt);
  store_->remove("a");
  EXPECT_EQ(store_->last_success("shop"), store_->manifest("z"));
}

TEST_P(SnapshotStoreContract, RefusesANameThatIsTaken) {
  write_snapshot(*store_, "a");

  EXPECT_THROW(store_->begin("a"), SnapshotExists);
}

TEST_P(SnapshotStoreContract, RefusesANameThatIsBeingWritten) {
  const auto draft = store_->begin("a");

  EXPECT_THROW(store_->begin("a"), SnapshotExists);
}

TEST_P(SnapshotStoreContract, RefusesNamesThatAreNone) {
  const auto long_name = std::string(129, 'a');
  for (const auto& name :
       {std::string(), std::string(".."), std::string("a/b"), std::string(".x"), std::string("-x"),
        std::string("a b"), long_name, std::string("a\0", 2), std::string("\xC3\xA4")}) {
    EXPECT_THROW(store_->begin(name), std::invalid_argument) << name;
    EXPECT_THROW(store_->remove(name), NoSuchSnapshot) << name;
    EXPECT_THROW(store_->directory(name), NoSuchSnapshot) << name;
    EXPECT_THROW(store_->manifest(name), NoSuchSnapshot) << name;
  }
}

TEST_P(SnapshotStoreContract, LeavesNothingOfADraftThatIsGivenUp) {
  auto draft = store_->begin("a");
  write_files(*draft, "a", "2026-11-20T02:00:00Z");
  const auto directory = draft->directory();

  draft.reset();

  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_THAT(listed(*store_), IsEmpty());
  write_snapshot(*store_, "a");
  EXPECT_THAT(listed(*store_), ElementsAre("a"));
}

TEST_P(SnapshotStoreContract, DoesNotCommitWithoutAFileOfTheManifest) {
  const auto draft = store_->begin("a");
  auto manifest = write_files(*draft, "a", "2026-11-20T02:00:00Z");
  manifest.definition.push_back({"definition/lost", 1, 1, sha256_of("x")});

  EXPECT_ANY_THROW(draft->commit(manifest));

  EXPECT_THAT(listed(*store_), IsEmpty());
}

TEST_P(SnapshotStoreContract, DoesNotCommitAFileOfAnotherSize) {
  const auto draft = store_->begin("a");
  auto manifest = write_files(*draft, "a", "2026-11-20T02:00:00Z");
  manifest.definition[0].bytes += 1;

  EXPECT_ANY_THROW(draft->commit(manifest));

  EXPECT_THAT(listed(*store_), IsEmpty());
}

TEST_P(SnapshotStoreContract, DoesNotCommitTheManifestOfAnotherSnapshot) {
  const auto draft = store_->begin("a");
  const auto manifest = write_files(*draft, "b", "2026-11-20T02:00:00Z");

  EXPECT_THROW(draft->commit(manifest), std::invalid_argument);
}

TEST_P(SnapshotStoreContract, DoesNotCommitAManifestThatWouldNotReadBack) {
  const auto draft = store_->begin("a");
  auto manifest = write_files(*draft, "a", "2026-11-20T02:00:00Z");
  manifest.definition[0].sha256 = "no digest";

  EXPECT_ANY_THROW(draft->commit(manifest));

  EXPECT_THAT(listed(*store_), IsEmpty());
}

TEST_P(SnapshotStoreContract, RemovesASnapshot) {
  write_snapshot(*store_, "a");
  write_snapshot(*store_, "b");

  store_->remove("a");

  EXPECT_THAT(listed(*store_), ElementsAre("b"));
  EXPECT_THROW(store_->remove("a"), NoSuchSnapshot);
  EXPECT_THAT(store_->sweep(), IsEmpty());
}

TEST_P(SnapshotStoreContract, SweepsDraftsAndNothingElse) {
  write_snapshot(*store_, "a");
  const auto draft = store_->begin("b");
  const auto directory = draft->directory();

  EXPECT_THAT(store_->sweep(), ElementsAre(".b.partial"));

  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_THAT(listed(*store_), ElementsAre("a"));
}

TEST_P(SnapshotStoreContract, KeepsReportsInTheOrderTheyCame) {
  write_snapshot(*store_, "a");
  write_snapshot(*store_, "b");
  EXPECT_EQ(store_->reports("a"), ReportChain());

  store_->add_report(verify_report("a", true));
  store_->add_report(verify_report("a", false));

  EXPECT_EQ(store_->reports("a"),
            (ReportChain{{verify_report("a", true), verify_report("a", false)}, ""}));
  EXPECT_EQ(store_->reports("b"), ReportChain());
}

TEST_P(SnapshotStoreContract, ListsWhatWasChecked) {
  write_snapshot(*store_, "a");
  store_->add_report(verify_report("a", true));

  const auto entry = store_->list().front();

  EXPECT_EQ(entry.checked, standing_of({{verify_report("a", true)}, ""}));
  EXPECT_EQ(entry.checked.level, CheckLevel::Readable);
}

TEST_P(SnapshotStoreContract, TakesNoReportOfWhatIsNotThere) {
  EXPECT_THROW(store_->add_report(verify_report("a", true)), NoSuchSnapshot);
  EXPECT_THROW(store_->reports("a"), NoSuchSnapshot);
}

TEST_P(SnapshotStoreContract, RemovesTheReportsWithTheirSnapshot) {
  write_snapshot(*store_, "a");
  store_->add_report(verify_report("a", true));

  store_->remove("a");
  write_snapshot(*store_, "a");

  EXPECT_EQ(store_->reports("a"), ReportChain());
}

constexpr std::chrono::sys_seconds kNoon{std::chrono::hours{12}};
constexpr std::chrono::seconds kLater{60};

TEST_P(SnapshotStoreContract, KeepsPins) {
  write_snapshot(*store_, "a");
  write_snapshot(*store_, "b");

  store_->pin("a");
  store_->pin("a");

  EXPECT_TRUE(store_->pinned("a"));
  EXPECT_FALSE(store_->pinned("b"));
  EXPECT_TRUE(store_->list().front().pinned);
  EXPECT_FALSE(store_->list().back().pinned);
  store_->unpin("a");
  store_->unpin("a");
  EXPECT_FALSE(store_->pinned("a"));
  EXPECT_FALSE(store_->list().front().pinned);
}

TEST_P(SnapshotStoreContract, PinsNothingThatIsNotThere) {
  EXPECT_THROW(store_->pin("a"), NoSuchSnapshot);
  EXPECT_THROW(store_->unpin("a"), NoSuchSnapshot);
  EXPECT_THROW(store_->pinned("a"), NoSuchSnapshot);
}

TEST_P(SnapshotStoreContract, RemovesThePinWithItsSnapshot) {
  for (const bool discards : {false, true}) {
    write_snapshot(*store_, "a");
    store_->pin("a");

    discards ? store_->discard("a", kNoon) : store_->remove("a");
    write_snapshot(*store_, "a");

    EXPECT_FALSE(store_->pinned("a"));
    store_->remove("a");
  }
}

TEST_P(SnapshotStoreContract, PutsWhatIsDiscardedOutOfSight) {
  write_snapshot(*store_, "a");
  write_snapshot(*store_, "b");
  store_->add_report(verify_report("a", true));

  store_->discard("a", kNoon);

  EXPECT_THAT(listed(*store_), ElementsAre("b"));
  EXPECT_THROW(store_->manifest("a"), NoSuchSnapshot);
  EXPECT_THROW(store_->discard("a", kNoon), NoSuchSnapshot);
  EXPECT_THAT(store_->sweep(), IsEmpty());
  EXPECT_THAT(store_->discarded(), ElementsAre(DiscardedSnapshot{"a", kNoon}));
  write_snapshot(*store_, "a");
  EXPECT_EQ(store_->reports("a"), ReportChain());
}

TEST_P(SnapshotStoreContract, PurgesWhatWasDiscardedLongEnoughAgo) {
  for (const std::string name : {"a.b", "c", "d"}) {
    write_snapshot(*store_, name);
  }
  store_->discard("d", kNoon + 2 * kLater);
  store_->discard("c", kNoon + kLater);
  store_->discard("a.b", kNoon);

  EXPECT_THAT(store_->purge(kNoon - kLater), IsEmpty());
  EXPECT_THAT(store_->purge(kNoon + kLater),
              ElementsAre(DiscardedSnapshot{"a.b", kNoon}, DiscardedSnapshot{"c", kNoon + kLater}));

  EXPECT_THAT(store_->discarded(), ElementsAre(DiscardedSnapshot{"d", kNoon + 2 * kLater}));
}

TEST_P(SnapshotStoreContract, IsHeldByOneAtATime) {
  auto lock = store_->lock("create a");

  try {
    store_->lock("delete b");
    FAIL() << "locked twice";
  } catch (const StoreLocked& error) {
    EXPECT_THAT(error.what(), HasSubstr("held by \"create a\""));
  }
  lock.reset();
  EXPECT_NO_THROW(store_->lock("delete b"));
}

INSTANTIATE_TEST_SUITE_P(
    Stores, SnapshotStoreContract,
    testing::Values(Kind{"Directory", [](const auto& root) { return open_directory_store(root); }},
                    Kind{"Memory",
                         [](const auto&) { return std::make_unique<fakes::MemoryStore>(); }}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace controller
