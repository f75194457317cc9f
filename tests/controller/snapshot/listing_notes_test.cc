#include "controller/snapshot/listing_notes.h"

#include <gmock/gmock.h>

#include "controller/archive/sha256.h"

namespace controller {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

ListingNote note(const std::string& project) {
  return {{1, 2, 3, -4, 1'795'140'000'123'456'789},
          std::string(64, 'a'),
          5'000'000'000,
          {project, "2026-11-20T02:00:00Z", Status::Degraded, "v1.2 (b)", 3, 2, 1, 4096, 0.25},
          {{"volumes/files.tar.zst", 4000}, {"databases/db/app.dump.zst", 96}}};
}

TEST(ListingNotes, AreReadAsTheyWereWritten) {
  const ListingNotes notes = {{"nightly", note("shop")}, {"weekly", note("")}};
  EXPECT_EQ(listing_notes_from(to_text(notes)), notes);
  EXPECT_THAT(listing_notes_from(to_text({})), IsEmpty());
}

TEST(ListingNotes, LeaveOutWhatDoesNotFitOnALine) {
  auto tab = note("shop");
  tab.files[0].first = "volumes/a\tb";
  auto newline = note("shop\nend");
  EXPECT_THAT(listing_notes_from(to_text({{"a", tab}, {"b", newline}, {"c", note("shop")}})),
              SizeIs(1));
}

TEST(ListingNotes, AreNoneWhereTheTextIsNotWhole) {
  const auto text = to_text({{"nightly", note("shop")}});
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_THAT(listing_notes_from(text.substr(0, size)), IsEmpty()) << size;
  }
}

TEST(ListingNotes, AreNoneWhereAnyByteHasChanged) {
  const auto text = to_text({{"nightly", note("shop")}});
  for (std::size_t place = 0; place < text.size(); ++place) {
    auto changed = text;
    changed[place] ^= 1;
    EXPECT_THAT(listing_notes_from(changed), IsEmpty()) << place;
  }
}

TEST(ListingNotes, ALineThatCannotBeMeantIsNone) {
  const auto sealed = [](const std::string& line) {
    const auto text = "cofferdam listing 1\n" + line + "\n";
    Sha256 digest;
    digest.add(text);
    return listing_notes_from(text + digest.hex() + "\n");
  };
  const std::string line = "a\t1\t2\t3\t4\t5\td\t6\tshop\tnow\t0\tv\t1\t2\t3\t4\t0.5\tfile\t7";
  EXPECT_THAT(sealed(line), SizeIs(1));
  EXPECT_THAT(sealed(line.substr(0, line.size() - 2)), IsEmpty()) << "a file without a size";
  EXPECT_THAT(sealed("a\tx" + line.substr(3)), IsEmpty());
  EXPECT_THAT(sealed("a\t1\t2"), IsEmpty());
}

}  // namespace
}  // namespace controller
