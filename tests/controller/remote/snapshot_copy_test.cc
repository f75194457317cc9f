#include "controller/remote/snapshot_copy.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/archive/artifact.h"
#include "controller/remote/file_upload.h"
#include "controller/remote/object_body.h"
#include "controller/remote/remote_snapshots.h"
#include "controller/remote/s3_objects.h"
#include "controller/remote/snapshot_fetch.h"
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

Destination shop() {
  Destination destination;
  destination.name = "far";
  destination.endpoint = "http://storage:9000";
  destination.bucket = "shop";
  destination.access_key_id = "key";
  destination.secret_access_key = Secret("hush");
  return destination;
}

bool ends_in(const HttpCall& call, const std::string& method, const std::string& ending) {
  return call.method == method && call.url.ends_with(ending);
}

class SnapshotCopy : public testing::Test {
 protected:
  SnapshotCopy() { write_snapshot(*store_, "a"); }

  CopyOutcome copy(const std::string& name = "a") {
    return copy_snapshot(*store_, name, target_, notes_, [](const auto&, auto, auto) {});
  }

  std::vector<CopyOutcome> settle() {
    std::vector<CopyOutcome> outcomes;
    failed_.clear();
    failure_ = settle_copies(
        *store_, target_, notes_,
        {[](const auto&, auto, auto) {},
         [&](const CopyOutcome& outcome) { outcomes.push_back(outcome); },
         [&](const std::string& snapshot, const auto&) { failed_.push_back(snapshot); }});
    return outcomes;
  }

  void fetch(SnapshotStore& into) {
    fetch_snapshot(*objects_, find_remote(*objects_, target_.prefix, "a"), into, [](auto) {});
  }

  /// The files below the store's snapshot are the objects below its folder, and nothing is begun.
  void expect_whole_copy() {
    const auto directory = store_->directory("a");
    const auto folder = remote_folder(target_.prefix, "a", read_file(directory / "manifest.json"));
    std::map<std::string, std::string> files;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
      if (file.is_regular_file()) {
        files[folder + file.path().lexically_relative(directory).string()] = read_file(file);
      }
    }
    EXPECT_EQ(s3_.objects, files);
    EXPECT_THAT(s3_.uploads, IsEmpty());
    EXPECT_THAT(notes_.all(), IsEmpty());
  }

  [[nodiscard]] bool has_manifest() const {
    return std::ranges::any_of(
        s3_.objects, [](const auto& object) { return object.first.ends_with("manifest.json"); });
  }

  TemporaryDirectory directory_;
  std::unique_ptr<SnapshotStore> store_ = open_directory_store(directory_ / "store");
  MemoryS3 s3_;
  fakes::StepClock clock_;
  std::unique_ptr<ObjectStore> objects_ = open_s3_objects(shop(), s3_, clock_, RetryPolicy{}, {});
  CopyTarget target_{*objects_, "p/", 512};
  CopyNotes notes_{directory_ / "store", shop()};
  std::vector<std::string> failed_;  // of the last settle()
  std::exception_ptr failure_;
};

TEST_F(SnapshotCopy, PutsEveryFileAndTheManifestLast) {
  EXPECT_EQ(copy().kind, CopyOutcome::Kind::Copied);

  expect_whole_copy();
  const auto last = std::ranges::find_if(
      s3_.calls.rbegin(), s3_.calls.rend(),
      [](const auto& call) { return call.method == "POST" || call.method == "PUT"; });
  EXPECT_THAT(last->url, HasSubstr("manifest.json"));
}

TEST_F(SnapshotCopy, IsWholeOverTlsAndNoticesAChangedByte) {
  auto guarded = shop();
  guarded.endpoint = "https://storage:9000";
  const auto objects = open_s3_objects(guarded, s3_, clock_, RetryPolicy{}, {});
  const CopyTarget target{*objects, "p/", 512};
  const auto copy_there = [&] {
    copy_snapshot(*store_, "a", target, notes_, [](const auto&, auto, auto) {});
  };
  copy_there();
  expect_whole_copy();
  const auto big = store_->directory("a") / "definition/deep/er/file";
  s3_.objects.clear();
  write_file(big, std::string(4999, 'x') + "y");

  EXPECT_THROW(copy_there(), IntegrityError);

  EXPECT_FALSE(has_manifest());
}

TEST(PartSize, GrowsWithTheFileAndIsBounded) {
  constexpr std::uint64_t kMebi = 1U << 20U;

  EXPECT_EQ(part_size(17 * kMebi, 16 * kMebi), 16 * kMebi);
  EXPECT_EQ(part_size(512 * kMebi, 16 * kMebi), 32 * kMebi);
  EXPECT_EQ(part_size(513 * kMebi, 16 * kMebi), 33 * kMebi);
  EXPECT_EQ(part_size(100'000 * kMebi, 16 * kMebi), 64 * kMebi);
  EXPECT_EQ(part_size(5'000'000 * kMebi, 16 * kMebi), 500 * kMebi);
}

TEST_F(SnapshotCopy, SendsNothingThatIsThere) {
  copy();
  const auto before = s3_.calls.size();

  EXPECT_EQ(copy().kind, CopyOutcome::Kind::WasThere);

  EXPECT_TRUE(std::all_of(s3_.calls.begin() + static_cast<std::ptrdiff_t>(before), s3_.calls.end(),
                          [](const auto& call) { return call.method == "HEAD"; }));
}

TEST_F(SnapshotCopy, IsThisStoresOwnIfItSentAnything) {
  copy();
  EXPECT_THAT(notes_.made().all(), SizeIs(1));

  std::filesystem::create_directory(directory_.path() / "another");
  const CopyNotes others(directory_ / "another", shop());  // of a store that fetched it
  copy_snapshot(*store_, "a", target_, others, [](const auto&, auto, auto) {});
  EXPECT_THAT(others.made().all(), IsEmpty());
  EXPECT_THAT(others.all(), IsEmpty());

  owe_copy(others, "a");  // its own, which ended before it could be noted
  copy_snapshot(*store_, "a", target_, others, [](const auto&, auto, auto) {});
  EXPECT_THAT(others.made().all(), SizeIs(1));
}

TEST_F(SnapshotCopy, OutlivesAnyOneLostRequestOrAnswer) {
  copy();
  const int calls = s3_.count();
  for (const auto when : {MemoryS3::When::Before, MemoryS3::When::After}) {
    for (int n = 1; n <= calls; ++n) {
      s3_.objects.clear();
      s3_.lose(n, when);
      copy();
      expect_whole_copy();
    }
  }
}

TEST_F(SnapshotCopy, GoesOnAfterItHasFailedAnywhere) {
  copy();
  const int calls = s3_.count();
  for (const auto when : {MemoryS3::When::Before, MemoryS3::When::After}) {
    for (int n = 1; n <= calls; ++n) {
      s3_.objects.clear();
      s3_.lose(n, when, RetryPolicy{}.attempts);
      EXPECT_THROW(copy(), RemoteError) << n;
      EXPECT_THAT(notes_.all(), SizeIs(1)) << n;

      EXPECT_THAT(settle(), SizeIs(1)) << n;

      expect_whole_copy();
    }
  }
}

TEST_F(SnapshotCopy, SendsNoPartTwice) {
  s3_.instead = [](const HttpCall& call) {
    return call.url.find("RECOVERY.txt?partNumber=3") == std::string::npos
               ? std::nullopt
               : std::optional(s3_error(403, "ExpiredToken"));
  };
  EXPECT_THROW(copy(), AccessRefused);
  s3_.instead = [](const auto&) { return std::nullopt; };
  s3_.calls.clear();

  copy();

  expect_whole_copy();
  for (const auto& call : s3_.calls) {
    EXPECT_EQ(call.url.find("RECOVERY.txt?partNumber=1"), std::string::npos);
    EXPECT_EQ(call.url.find("RECOVERY.txt?partNumber=2"), std::string::npos);
  }
}

TEST_F(SnapshotCopy, BeginsAnewWhereItsUploadIsGone) {
  s3_.instead = [](const HttpCall& call) {
    return call.url.find("partNumber=3") == std::string::npos
               ? std::nullopt
               : std::optional(s3_error(403, "ExpiredToken"));
  };
  EXPECT_THROW(copy(), AccessRefused);
  s3_.instead = [](const auto&) { return std::nullopt; };
  s3_.uploads.clear();

  copy();

  expect_whole_copy();
}

TEST_F(SnapshotCopy, AbortsWhatWasBegunForASnapshotThatIsGone) {
  s3_.instead = [](const HttpCall& call) {
    return call.url.find("partNumber=2") == std::string::npos
               ? std::nullopt
               : std::optional(s3_error(403, "ExpiredToken"));
  };
  EXPECT_THROW(copy(), AccessRefused);
  s3_.instead = [](const auto&) { return std::nullopt; };
  store_->remove("a");

  EXPECT_THAT(settle(), ElementsAre(CopyOutcome{"a", CopyOutcome::Kind::Gone, 0}));

  EXPECT_THAT(s3_.uploads, IsEmpty());
  EXPECT_THAT(notes_.all(), IsEmpty());
}

TEST_F(SnapshotCopy, NeedsNoRightToLookForUploadsOrToAbortThem) {
  s3_.instead = [](const HttpCall& call) {
    const bool looks = call.method == "GET" && call.url.find("uploads=") != std::string::npos;
    return looks || call.method == "DELETE" ? std::optional(s3_error(403, "AccessDenied"))
                                            : std::nullopt;
  };
  notes_.write({"a", "2026-11-20T02:00:00Z", UploadNote{{"p/a/old", "id"}, 512}});

  EXPECT_EQ(copy().kind, CopyOutcome::Kind::Copied);

  expect_whole_copy();
}

TEST_F(SnapshotCopy, SettlesWhatIsOwedLongestFirst) {
  write_snapshot(*store_, "b");
  notes_.write({"b", "2026-11-20T02:00:00Z", std::nullopt});
  notes_.write({"a", "2026-11-21T02:00:00Z", std::nullopt});
  owe_copy(notes_, "b");  // known already

  const auto outcomes = settle();

  ASSERT_THAT(outcomes, SizeIs(2));
  EXPECT_EQ(outcomes[0].snapshot, "b");
  EXPECT_EQ(outcomes[1].snapshot, "a");
}

TEST_F(SnapshotCopy, SettlesTheOthersWhereSomeCannotBe) {
  for (const auto* name : {"b", "c"}) {
    write_snapshot(*store_, name);
  }
  notes_.write({"a", "2026-11-20T02:00:00Z", std::nullopt});
  notes_.write({"b", "2026-11-21T02:00:00Z", std::nullopt});
  notes_.write({"c", "2026-11-22T02:00:00Z", std::nullopt});
  write_file(store_->directory("a") / "RECOVERY.txt", "rotten");
  write_file(store_->directory("b") / "manifest.json", "{");

  const auto outcomes = settle();

  ASSERT_THAT(outcomes, SizeIs(1));
  EXPECT_EQ(outcomes[0].snapshot, "c");
  EXPECT_THAT(failed_, ElementsAre("a", "b"));
  EXPECT_THROW(std::rethrow_exception(failure_), IntegrityError);
  EXPECT_THAT(notes_.all(), SizeIs(2));
}

TEST_F(SnapshotCopy, EndsWhereNobodyAnswers) {
  write_snapshot(*store_, "b");
  owe_copy(notes_, "a");
  owe_copy(notes_, "b");
  s3_.lose(1, MemoryS3::When::Before, 2 * RetryPolicy{}.attempts);

  EXPECT_THROW(settle(), DestinationUnreachable);

  EXPECT_EQ(s3_.count(), RetryPolicy{}.attempts);
  EXPECT_THAT(notes_.all(), SizeIs(2));
}

TEST_F(SnapshotCopy, DoesNotSpreadAFileThatIsNotWhatItWas) {
  write_file(store_->directory("a") / "RECOVERY.txt",
             std::string(read_file(store_->directory("a") / "RECOVERY.txt").size(), 'x'));

  EXPECT_THROW(copy(), IntegrityError);

  EXPECT_THAT(s3_.objects, IsEmpty());
  EXPECT_THAT(s3_.uploads, IsEmpty());
}

TEST_F(SnapshotCopy, BelievesNoStorageThatNamesAnotherDigest) {
  s3_.instead = [&](const HttpCall& call) {
    if (!ends_in(call, "PUT", "compose.yml")) {
      return std::optional<HttpAnswer>();
    }
    const auto key = call.url.substr(call.url.find("p/a/"));
    s3_.objects[key] = std::string(call.body.size, 'x');
    return std::optional(HttpAnswer{200, {{"etag", "\"0123\""}}, ""});
  };

  EXPECT_THROW(copy(), IntegrityError);
  EXPECT_THROW(copy(), IntegrityError);

  EXPECT_FALSE(has_manifest());
  s3_.instead = [](const auto&) { return std::nullopt; };
  EXPECT_EQ(copy().kind, CopyOutcome::Kind::Copied);
  expect_whole_copy();
}

TEST_F(SnapshotCopy, ReadsBackWhereETagsAreNoDigests) {
  target_.part_bytes = 1U << 20U;
  s3_.etag_of = [](const auto&) { return "opaque"; };
  copy();
  expect_whole_copy();
  s3_.objects.clear();
  s3_.instead = [](const HttpCall& call) {
    return ends_in(call, "GET", "RECOVERY.txt")
               ? std::optional(HttpAnswer{200, {{"etag", "opaque"}}, "other"})
               : std::nullopt;
  };

  EXPECT_THROW(copy(), IntegrityError);
  EXPECT_THROW(copy(), IntegrityError);

  EXPECT_FALSE(has_manifest());
}

TEST_F(SnapshotCopy, SendsNothingThatIsThereWhereETagsAreNoDigests) {
  target_.part_bytes = 1U << 20U;
  s3_.etag_of = [](const auto&) { return "opaque"; };
  copy();

  EXPECT_EQ(copy().kind, CopyOutcome::Kind::WasThere);
}

TEST_F(SnapshotCopy, SendsAgainWhatHasItsSizeAndOtherBytes) {
  target_.part_bytes = 1U << 20U;
  const auto digest = s3_.etag_of;
  for (const auto& etag : {digest, decltype(digest)([](const auto&) { return "opaque"; })}) {
    s3_.etag_of = etag;
    copy();
    const auto whole = s3_.objects;
    for (const auto& [key, bytes] : whole) {
      s3_.objects[key].back() = static_cast<char>(bytes.back() ^ 1);

      EXPECT_EQ(copy().kind, CopyOutcome::Kind::Copied) << key;

      expect_whole_copy();
    }
  }
}

TEST_F(SnapshotCopy, KnowsAFailureInAnAnswerOf200) {
  s3_.instead = [](const HttpCall& call) {
    return call.method == "POST" && call.url.find("uploadId") != std::string::npos
               ? std::optional(s3_error(200, "InternalError"))
               : std::nullopt;
  };

  EXPECT_THROW(copy(), DestinationUnreachable);

  EXPECT_THAT(s3_.objects, IsEmpty());
}

TEST_F(SnapshotCopy, IsOneAtATime) {
  const auto lock = lock_copies(notes_, "copy a");

  EXPECT_THROW(lock_copies(notes_, "copy b"), StoreLocked);
}

TEST_F(SnapshotCopy, NotesOutliveTheirReader) {
  const CopyNote note{"a", "2026-11-20T02:00:00Z", UploadNote{{"p/a/x", "id"}, 512}};
  notes_.write(note);

  EXPECT_EQ(CopyNotes(directory_ / "store", shop()).find("a"), note);
  auto elsewhere = shop();
  elsewhere.bucket = "other";
  EXPECT_FALSE(CopyNotes(directory_ / "store", elsewhere).find("a")->under_way);
  write_file(notes_.folder() / "a.json", "{");
  EXPECT_EQ(notes_.find("a"), (CopyNote{"a", "", std::nullopt}));
}

TEST_F(SnapshotCopy, ComesBackByteForByte) {
  copy();
  const auto other = open_directory_store(directory_ / "other");

  fetch(*other);

  EXPECT_THAT(listed(*other), ElementsAre("a"));
  for (const auto* file : {"manifest.json", "RECOVERY.txt", "definition/compose.yml"}) {
    EXPECT_EQ(read_file(other->directory("a") / file), read_file(store_->directory("a") / file));
  }
  EXPECT_THROW(fetch(*other), SnapshotExists);
}

TEST_F(SnapshotCopy, ComesBackWholeOrNotAtAll) {
  copy();
  const auto other = open_directory_store(directory_ / "other");
  const int before = s3_.count();
  fetch(*other);
  const int calls = s3_.count() - before;
  for (int n = 1; n <= calls; ++n) {
    other->remove("a");
    s3_.lose(n, MemoryS3::When::After, RetryPolicy{}.attempts);
    EXPECT_THROW(fetch(*other), RemoteError) << n;
    EXPECT_THAT(listed(*other), IsEmpty()) << n;
    s3_.lose(n, MemoryS3::When::After);
    fetch(*other);
  }
}

TEST_F(SnapshotCopy, IsNotFetchedWithAChangedByte) {
  copy();
  const auto other = open_directory_store(directory_ / "other");
  for (auto& [key, bytes] : s3_.objects) {
    const auto kept = bytes;
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    EXPECT_ANY_THROW(fetch(*other)) << key;
    EXPECT_THAT(listed(*other), IsEmpty()) << key;
    bytes.pop_back();
    EXPECT_THROW(fetch(*other), FormatError) << key;
    bytes = kept;
  }
  fetch(*other);
}

TEST_F(SnapshotCopy, IsNotFetchedWithoutRoom) {
  copy();
  auto found = find_remote(*objects_, "p/", "a");
  found.bytes = std::uint64_t{1} << 60U;
  const auto other = open_directory_store(directory_ / "other");

  EXPECT_THROW(fetch_snapshot(*objects_, found, *other, [](auto) {}), NoSpace);
}

TEST_F(SnapshotCopy, IsListedBesideWhatIsNoneAndWhatIsNotWhole) {
  copy();
  for (const auto* key : {"p/notes.txt", "p/a/other/manifest.json", "p/.x/0123456789abcdef/m"}) {
    s3_.objects[key] = "x";
  }
  s3_.objects["p/c/0123456789abcdef/volumes/v.tar"] = "x";

  const auto found = list_remote(*objects_, "p/");

  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].name, "c");
  EXPECT_THAT(found[0].problem, HasSubstr("not finished"));
  EXPECT_EQ(found[1].manifest, store_->manifest("a"));
  EXPECT_TRUE(is_here(*store_, found[1]));
  EXPECT_THROW(find_remote(*objects_, "p/", "c"), FormatError);
  EXPECT_THROW(find_remote(*objects_, "p/", "b"), NoSuchSnapshot);
  EXPECT_THROW(find_remote(*objects_, "p/", "../b"), std::invalid_argument);
}

TEST_F(SnapshotCopy, IsListedBesideOneWhoseManifestIsRefused) {
  copy();
  const std::string archived = "p/c/0123456789abcdef/manifest.json";
  s3_.objects[archived] = "{}";
  s3_.instead = [&](const HttpCall& call) {
    return ends_in(call, "GET", archived) ? std::optional(s3_error(403, "InvalidObjectState"))
                                          : std::nullopt;
  };

  const auto found = list_remote(*objects_, "p/");

  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].name, "c");
  EXPECT_EQ(found[0].bytes, 2);
  EXPECT_THAT(found[0].problem, HasSubstr("InvalidObjectState"));
  EXPECT_EQ(found[1].manifest, store_->manifest("a"));
  EXPECT_THROW(find_remote(*objects_, "p/", "c"), RemoteError);
}

TEST_F(SnapshotCopy, OfOneNameHaveDifferentPlaces) {
  copy();
  store_->remove("a");
  write_snapshot(*store_, "a", "2026-11-21T02:00:00Z");
  copy();

  const auto found = list_remote(*objects_, "p/");

  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THROW(find_remote(*objects_, "p/", "a"), std::invalid_argument);
  EXPECT_EQ(find_remote(*objects_, "p/", "a/" + found[0].id).manifest->created_at,
            "2026-11-20T02:00:00Z");
}

TEST(FileBody, SaysWhichFileIsShorter) {
  const TemporaryDirectory directory;
  write_file(directory / "a", "text");
  const auto file = std::make_shared<const OpenFile>(
      OpenFile{FileDescriptor(::open((directory / "a").c_str(), O_RDONLY)), directory / "a"});
  Sha256 whole;

  EXPECT_EQ(file_body(file, {0, 4}, BodyDigests::Md5, whole).md5, text_body("text").md5);
  EXPECT_THROW(file_body(file, {2, 4}, BodyDigests::Md5, whole), IntegrityError);
}

}  // namespace
}  // namespace controller
