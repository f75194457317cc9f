#include "controller/snapshot/listing_notes.h"

#include <gmock/gmock.h>

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
  EXPECT_THAT(listing_notes_from("cofferdam listing 2" + text.substr(text.find('\n'))), IsEmpty());
}

TEST(ListingNotes, ALineThatCannotBeMeantIsNone) {
  const auto text = to_text({{"nightly", note("shop")}});
  const auto changed = [&](const std::string& from, const std::string& to) {
    auto other = text;
    return listing_notes_from(other.replace(other.find(from), from.size(), to));
  };
  EXPECT_THAT(changed("\t4096\t", "\t4o96\t"), IsEmpty());
  EXPECT_THAT(changed("\t96\n", "\n"), IsEmpty());
  EXPECT_THAT(changed("\t4096\t", "\t4097\t"), SizeIs(1));
}

}  // namespace
}  // namespace controller
