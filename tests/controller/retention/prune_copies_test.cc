#include "controller/retention/prune_copies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/remote/s3_objects.h"
#include "controller/retention/copy_candidates.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/written_snapshot.h"
#include "tests/fakes/memory_s3.h"
#include "tests/fakes/step_clock.h"

namespace controller {
namespace {

using fakes::MemoryS3;
using fakes::s3_error;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kMoreThanIsTried = 100;

Destination shop() {
  Destination destination;
  destination.name = "far";
  destination.endpoint = "http://storage:9000";
  destination.bucket = "shop";
  destination.access_key_id = "key";
  destination.secret_access_key = Secret("hush");
  return destination;
}

std::optional<HttpAnswer> no_answer(const HttpCall&) {
  return std::nullopt;
}

bool none_pinned(const std::string&) {
  return false;
}

/// Snapshots a, b and c, oldest first, and their copies.
class PruneCopies : public testing::Test {
 protected:
  PruneCopies() {
    for (const std::string name : {"a", "b", "c"}) {
      write_snapshot(*store_, name, "2026-11-2" + std::to_string(days_++) + "T02:00:00Z");
      copy(name);
    }
  }

  void copy(const std::string& name) {
    copy_snapshot(*store_, name, target_, notes_, [](const auto&, auto, auto) {});
  }

  /// What a prune does whose rules keep those that are not named.
  CopyPruneOutcome prune(const std::vector<std::string>& going) {
    auto outcome = finish_pruning(*objects_, notes_, *store_);
    const auto copies = list_remote(*objects_, target_.prefix);
    RetentionPlan plan;
    for (const auto& one : copy_candidates(copies, known())) {
      const bool goes =
          std::ranges::find(going, one.name.substr(0, one.name.find('/'))) != going.end();
      plan.verdicts.push_back({one.name, one.taken_at, !goes, {}});
    }
    std::ranges::reverse(plan.verdicts);
    const auto done = prune_copies(target_, notes_, copies, plan,
                                   [this](const auto& name) { return store_->pinned(name); });
    outcome.removed.insert(outcome.removed.end(), done.removed.begin(), done.removed.end());
    outcome.withheld.insert(outcome.withheld.end(), done.withheld.begin(), done.withheld.end());
    return outcome;
  }

  KnownHere known() {
    KnownHere known{"shop", store_->list(), {}, {}};
    for (const auto& made : notes_.made().all()) {
      known.made.insert(made.folder);
    }
    return known;
  }

  std::string folder_of(const std::string& name) {
    return remote_folder("p/", name, read_file(store_->directory(name) / "manifest.json"));
  }

  /// Names of what is there; of what is not whole with a '!' before them.
  std::vector<std::string> there() {
    std::vector<std::string> names;
    for (const auto& one : list_remote(*objects_, target_.prefix)) {
      names.push_back((one.manifest ? "" : "!") + one.name);
    }
    return names;
  }

  std::vector<std::string> removals() const {
    std::vector<std::string> urls;
    for (const auto& call : s3_.calls) {
      if (call.method == "DELETE") {
        urls.push_back(call.url.substr(call.url.rfind("shop/p/") + 7));
      }
    }
    return urls;
  }

  int days_ = 0;
  TemporaryDirectory folder_;
  std::unique_ptr<SnapshotStore> store_ = open_directory_store(folder_ / "store");
  MemoryS3 s3_;
  fakes::StepClock clock_;
  std::unique_ptr<ObjectStore> objects_ = open_s3_objects(shop(), s3_, clock_, RetryPolicy{}, {});
  CopyTarget target_{*objects_, "p/"};
  CopyNotes notes_{folder_ / "store", shop()};
};

TEST_F(PruneCopies, RemovesTheManifestFirstAndNothingButItsFiles) {
  const auto folder = folder_of("a");
  s3_.objects[folder + "somebody-elses"] = "kept";

  EXPECT_THAT(prune({"a"}).removed, ElementsAre(testing::StartsWith("a/")));

  const auto inside = folder.substr(2);
  EXPECT_THAT(removals(),
              ElementsAre(inside + "manifest.json", inside + "RECOVERY.txt",
                          inside + "definition/compose.yml", inside + "definition/deep/er/file"));
  EXPECT_EQ(s3_.objects.at(folder + "somebody-elses"), "kept");
  EXPECT_THAT(there(), ElementsAre("!a", "b", "c"));  // of which the other file is left
  EXPECT_THAT(notes_.made().all(), SizeIs(2));
  EXPECT_THAT(listed(*store_), ElementsAre("a", "b", "c"));
}

// Several go, which takes its time, and nothing of the plan is asked again.
TEST_F(PruneCopies, KeepsWhatIsPinnedWhileOthersAreRemoved) {
  s3_.instead = [this](const HttpCall& call) -> std::optional<HttpAnswer> {
    if (call.method == "DELETE") {
      store_->pin("b");
    }
    return std::nullopt;
  };

  EXPECT_THAT(prune({"a", "b"}).removed, ElementsAre(testing::StartsWith("a/")));

  EXPECT_THAT(there(), ElementsAre("b", "c"));
  EXPECT_THAT(notes_.made().all(), SizeIs(2));
}

TEST_F(PruneCopies, LeavesWhatAnotherStoreCopied) {
  const TemporaryDirectory elsewhere;
  const CopyNotes none(elsewhere.path(), shop());

  EXPECT_THAT(none.made().all(), IsEmpty());
  EXPECT_THAT(copy_candidates(list_remote(*objects_, "p/"), {"shop", store_->list(), {}, {}}),
              IsEmpty());
}

// Whichever request is the first that gets through to nobody: what is listed as whole is whole,
// what was kept is there, and the next prune ends what was begun.
TEST_F(PruneCopies, GoesOnWhereItWasCutOff) {
  prune({"a"});
  const int calls = s3_.count();
  for (const auto when : {MemoryS3::When::Before, MemoryS3::When::After}) {
    for (int n = 1; n <= calls; ++n) {
      copy("a");
      s3_.lose(n, when, kMoreThanIsTried);
      try {
        prune({"a"});
      } catch (const DestinationUnreachable&) {
        EXPECT_THAT(removals(), testing::Not(IsEmpty()));
      }
      s3_.lose(0, when, 0);

      EXPECT_THAT(there(), testing::IsSupersetOf({"b", "c"})) << n;
      prune({"a"});

      EXPECT_THAT(there(), ElementsAre("b", "c")) << n;
      EXPECT_THAT(notes_.made().all(), SizeIs(2)) << n;
    }
  }
}

TEST_F(PruneCopies, OutlivesAnyOneLostRequestOrAnswer) {
  prune({"a"});
  const int calls = s3_.count();
  for (const auto when : {MemoryS3::When::Before, MemoryS3::When::After}) {
    for (int n = 1; n <= calls; ++n) {
      copy("a");
      s3_.lose(n, when);

      EXPECT_THAT(prune({"a"}).removed, SizeIs(1)) << n;

      EXPECT_THAT(there(), ElementsAre("b", "c")) << n;
    }
  }
}

TEST_F(PruneCopies, DoesNotBelieveAListingThatLeavesACopyOut) {
  s3_.instead = [](const HttpCall& call) -> std::optional<HttpAnswer> {
    return call.url.find("list-type") == std::string::npos
               ? std::nullopt
               : std::optional(HttpAnswer{200, {}, "<ListBucketResult></ListBucketResult>"});
  };
  const auto none = list_remote(*objects_, "p/");
  s3_.instead = no_answer;
  const auto copies = list_remote(*objects_, "p/");
  const std::vector<RemoteSnapshot> some(copies.begin(), copies.end() - 1);
  const RetentionPlan plan{{{copy_name(copies[0]), {}, false, {}}}, "", ""};

  EXPECT_THAT(none, IsEmpty());
  EXPECT_THROW(prune_copies(target_, notes_, some, plan, none_pinned), RemoteError);

  EXPECT_THAT(there(), ElementsAre("a", "b", "c"));
}

TEST_F(PruneCopies, ForgetsWhatARuleOfTheBucketEnded) {
  std::erase_if(s3_.objects,
                [&](const auto& one) { return one.first.starts_with(folder_of("b")); });

  prune({"a"});

  EXPECT_THAT(notes_.made().all(), ElementsAre(MadeCopy{folder_of("c"), {}}));
}

TEST_F(PruneCopies, TellsWhatTheStorageDoesNotLetGo) {
  const auto held = folder_of("a");
  s3_.instead = [&](const HttpCall& call) -> std::optional<HttpAnswer> {
    const bool refused = call.method == "DELETE" && call.url.find(held) != std::string::npos;
    return refused ? std::optional(s3_error(403, "AccessDenied")) : std::nullopt;
  };

  const auto outcome = prune({"a", "b"});

  EXPECT_THAT(outcome.removed, ElementsAre(testing::StartsWith("b/")));
  ASSERT_THAT(outcome.withheld, SizeIs(1));
  EXPECT_THAT(outcome.withheld[0].second, HasSubstr("may not do this"));
  EXPECT_THAT(there(), ElementsAre("a", "c"));
  EXPECT_THAT(removals(), SizeIs(5)) << "what is refused is tried once";
}

TEST_F(PruneCopies, AsksTheRulesAgainAboutWhatIsStillWhole) {
  const auto folder = folder_of("a");
  notes_.made().write({folder, {folder + "manifest.json", folder + "RECOVERY.txt"}});

  EXPECT_THAT(prune({}).removed, IsEmpty());

  EXPECT_THAT(there(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(notes_.made().all(), testing::Contains(MadeCopy{folder, {}}));
}

TEST_F(PruneCopies, IsNotKeptByCopiesOfAnotherPrefix) {
  s3_.objects["old/a/0123456789abcdef/manifest.json"] =
      s3_.objects[folder_of("a") + "manifest.json"];
  notes_.made().write({"old/a/0123456789abcdef/", {}});

  EXPECT_THAT(prune({"a"}).removed, SizeIs(1));

  EXPECT_THAT(notes_.made().all(), testing::Contains(MadeCopy{"old/a/0123456789abcdef/", {}}));
}

TEST_F(PruneCopies, LeavesWhatIsBeingCopiedAgain) {
  const auto folder = folder_of("a");
  s3_.objects.erase(folder + "manifest.json");
  notes_.made().write({folder, {folder + "manifest.json", folder + "RECOVERY.txt"}});
  owe_copy(notes_, "a");

  prune({});

  EXPECT_TRUE(s3_.objects.contains(folder + "RECOVERY.txt"));
  copy("a");
  EXPECT_THAT(there(), ElementsAre("a", "b", "c"));
}

TEST_F(PruneCopies, AbortsUploadsOfWhatIsNotHereAnyMore) {
  const auto id = objects_->begin_upload("p/gone/0123456789abcdef/volumes/x.tar.zst");
  const auto other = objects_->begin_upload("p/a/0123456789abcdef/volumes/x.tar.zst");
  notes_.write({"gone", "2026-11-20T02:00:00Z",
                UploadNote{{"p/gone/0123456789abcdef/volumes/x.tar.zst", id}, 1}});
  notes_.write({"a", "2026-11-20T02:00:00Z",
                UploadNote{{"p/a/0123456789abcdef/volumes/x.tar.zst", other}, 1}});

  prune({});

  EXPECT_THAT(s3_.uploads, ElementsAre(testing::Key(other)));
  EXPECT_TRUE(notes_.find("gone")) << "the next copy says that it is gone";
}

// --- as retention sees them ---------------------------------------------------------------------

TEST_F(PruneCopies, KnowWhatTheStoreKnows) {
  store_->pin("a");
  store_->add_report(verify_report("b", true));
  auto known = this->known();
  known.in_use["c"] = "a drill";

  const auto candidates = copy_candidates(list_remote(*objects_, "p/"), known);

  ASSERT_THAT(candidates, SizeIs(3));
  EXPECT_EQ(candidates[0].name, "a/" + folder_of("a").substr(4, 16));
  EXPECT_TRUE(candidates[0].pinned);
  EXPECT_EQ(candidates[2].in_use, "a drill");
}

TEST_F(PruneCopies, AreGoodThoughTheStoresOwnFileWentBad) {
  store_->add_report(verify_report("a", false));

  EXPECT_EQ(copy_candidates(list_remote(*objects_, "p/"), known())[0].soundness, Soundness::Good);
}

TEST_F(PruneCopies, CountWithoutTheStore) {
  for (const std::string name : {"a", "b", "c"}) {
    store_->remove(name);
  }

  EXPECT_THAT(copy_candidates(list_remote(*objects_, "p/"), known()), SizeIs(3));
}

TEST_F(PruneCopies, AreThoseOfTheProject) {
  auto known = this->known();
  known.project = "blog";

  EXPECT_THAT(copy_candidates(list_remote(*objects_, "p/"), known), IsEmpty());
}

}  // namespace
}  // namespace controller
