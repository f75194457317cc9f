#include "controller/database/archive_filter.h"

#include <gtest/gtest.h>

#include "controller/archive/artifact.h"
#include "controller/database/archive_reader.h"
#include "controller/database/postgres_restore.h"
#include "tests/controller/database/archive_sample.h"

namespace controller {
namespace {

std::string filtered(const std::string& bytes, std::size_t piece,
                     const std::function<EntryFate(const ArchiveEntry&)>& decide) {
  ArchiveFilter filter(decide);
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    out.append(filter.filter(std::string_view(bytes).substr(at, piece)));
  }
  return out;
}

const SampleEntry kSchema = {1, false, "public", "SCHEMA", "CREATE SCHEMA public;\n"};
const SampleEntry kPath = {2, false, "SEARCHPATH", "SEARCHPATH",
                           "SELECT pg_catalog.set_config('search_path', '', false);\n"};

TEST(ArchiveFilter, PassesOnWhatItKeepsByteForByte) {
  const auto bytes = ArchiveSample().entry(kSchema).entry(kPath).table(3, "t", "1\n").bytes();
  for (std::size_t piece = 1; piece < bytes.size(); piece += 13) {
    EXPECT_EQ(filtered(bytes, piece, [](const ArchiveEntry&) { return EntryFate{}; }), bytes);
  }
}

TEST(ArchiveFilter, LeavesEntriesOut) {
  const auto with = ArchiveSample().entry(kSchema).entry(kPath).table(3, "t", "1\n").bytes();
  const auto without = ArchiveSample().entry(kPath).table(3, "t", "1\n").bytes();
  for (std::size_t piece = 1; piece < with.size(); piece += 7) {
    EXPECT_EQ(filtered(with, piece,
                       [](const ArchiveEntry& entry) {
                         return EntryFate{entry.description != "SCHEMA", {}};
                       }),
              without);
  }
}

TEST(ArchiveFilter, ReplacesADefinition) {
  auto changed = kPath;
  changed.definition = "SELECT pg_catalog.set_config('search_path', 'shop, public', false);\n";
  const auto before = ArchiveSample().entry(kPath).table(3, "t", "1\n").bytes();
  EXPECT_EQ(filtered(before, 10,
                     [&](const ArchiveEntry& entry) {
                       return entry.description == "SEARCHPATH"
                                  ? EntryFate{true, changed.definition}
                                  : EntryFate{};
                     }),
            ArchiveSample().entry(changed).table(3, "t", "1\n").bytes());
}

TEST(ArchiveFilter, ThrowsAtWhatIsNoArchive) {
  EXPECT_THROW(filtered("hello, world", 4, [](const ArchiveEntry&) { return EntryFate{}; }),
               IntegrityError);
}

// --- which entries a restore leaves out ----------------------------------------------------------

struct FateCase {
  std::string description;
  std::string tag;
  std::string definition;
  RestorePhase phase = RestorePhase::Everything;
  bool superuser = true;
  bool kept = true;
};

TEST(EntryFate, LeavesOutOnlyWhatIsHarmless) {
  const std::vector<FateCase> cases = {
      {"SCHEMA", "public", "CREATE SCHEMA public;\n", RestorePhase::Everything, true, false},
      {"SCHEMA", "public", "-- *not* creating schema, since initdb creates it\n"},
      {"SCHEMA", "shop", "CREATE SCHEMA shop;\n"},
      {"COMMENT", "EXTENSION hstore", "COMMENT ON …"},
      {"COMMENT", "EXTENSION hstore", "COMMENT ON …", RestorePhase::Everything, false, false},
      {"COMMENT", "TABLE t", "COMMENT ON …", RestorePhase::Everything, false, true},
      {"TABLE", "t", "CREATE TABLE …"},
      {"TABLE", "t", "CREATE TABLE …", RestorePhase::Foundations, true, false},
      {"SCHEMA", "shop", "CREATE SCHEMA shop;\n", RestorePhase::Foundations},
      {"EXTENSION", "hstore", "CREATE EXTENSION …", RestorePhase::Foundations},
      {"ENCODING", "ENCODING", "SET …", RestorePhase::Foundations},
      {"EXTENSION", "hstore", "CREATE EXTENSION …", RestorePhase::Rest, true, false},
      {"TABLE DATA", "t", "", RestorePhase::Rest},
  };
  for (const auto& one : cases) {
    ArchiveEntry entry;
    entry.description = one.description;
    entry.tag = one.tag;
    entry.definition = one.definition;
    EXPECT_EQ(fate_of(entry, one.phase, one.superuser, "").kept, one.kept)
        << one.description << " " << one.tag << " " << one.definition;
  }
}

TEST(EntryFate, GivesTheRestItsSearchPath) {
  ArchiveEntry entry;
  entry.description = "SEARCHPATH";
  EXPECT_EQ(fate_of(entry, RestorePhase::Rest, true, "it's, public").definition,
            "SELECT pg_catalog.set_config('search_path', 'it''s, public', false);\n");
  EXPECT_FALSE(fate_of(entry, RestorePhase::Everything, true, "x").definition);
}

}  // namespace
}  // namespace controller
