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

TEST(ArchiveFilter, LeavesOutTheDataOfOthers) {
  const std::vector<std::pair<std::int64_t, std::string>> objects = {
      {5, std::string(3000, 'x')}, {4000000000 - (std::int64_t{1} << 32), "y"}};
  const auto with = ArchiveSample()
                        .table(3, "a", "1\n2\n")
                        .table(4, "b", std::string(5000, 'b') + "\n", 7)
                        .large_objects(5, objects)
                        .table(6, "c", "")
                        .table(7, "d", "\\N\n", 1)
                        .bytes();
  const auto without = ArchiveSample()
                           .table(3, "a", "1\n2\n")
                           .large_objects(5, objects)
                           .table(7, "d", "\\N\n", 1)
                           .bytes();
  for (std::size_t piece = 1; piece < 6000; piece += piece < 40 ? 1 : 577) {
    ArchiveFilter filter([](const ArchiveEntry& entry) {
      return EntryFate{entry.id != 4 && entry.id != 6, {}};
    });
    filter.only_data_of({3, 5, 7});
    std::string out;
    for (std::size_t at = 0; at < with.size() && !filter.done(); at += piece) {
      out.append(filter.filter(std::string_view(with).substr(at, piece)));
    }
    EXPECT_EQ(out, without) << piece;
    EXPECT_TRUE(filter.done());
  }
}

TEST(ArchiveFilter, IsDoneOnceAllThatIsWantedWasPassedOn) {
  const auto bytes = ArchiveSample()
                         .entry(kPath)
                         .table(3, "a", "1\n")
                         .table(4, "b", std::string(5000, 'b') + "\n")
                         .bytes();
  ArchiveFilter filter([](const ArchiveEntry& entry) { return EntryFate{entry.id == 3, {}}; });
  filter.only_data_of({3, kPath.id});  // which has none
  std::size_t taken = 0;
  while (!filter.done()) {
    filter.filter(std::string_view(bytes).substr(taken, 10));
    taken += 10;
  }
  EXPECT_LT(taken, bytes.size() - 4000);
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

// --- event triggers ------------------------------------------------------------------------------

TEST(EventTrigger, StaysDisabledUntilTheEnd) {
  ArchiveEntry entry;
  entry.description = "EVENT TRIGGER";
  entry.tag = "no \"drop\"";
  entry.definition =
      "CREATE EVENT TRIGGER \"no \"\"drop\"\"\" ON sql_drop\n   EXECUTE FUNCTION public.ev();\n";

  EXPECT_EQ(disabled_event_trigger(entry),
            std::string(entry.definition) + "ALTER EVENT TRIGGER \"no \"\"drop\"\"\" DISABLE;\n");
  EXPECT_EQ(event_trigger_state(entry), "ALTER EVENT TRIGGER \"no \"\"drop\"\"\" ENABLE");
}

TEST(EventTrigger, IsInTheEndWhatItWas) {
  ArchiveEntry entry;
  entry.tag = "always";
  const std::string definition =
      "CREATE EVENT TRIGGER always ON ddl_command_end\n   EXECUTE FUNCTION public.ev();\n";
  for (const std::string state : {"ENABLE ALWAYS", "ENABLE REPLICA", "DISABLE"}) {
    const std::string whole = definition + "\nALTER EVENT TRIGGER always " + state + ";\n";
    entry.definition = whole;
    EXPECT_EQ(event_trigger_state(entry), "ALTER EVENT TRIGGER always " + state + ";\n");
    EXPECT_EQ(disabled_event_trigger(entry), whole + "ALTER EVENT TRIGGER \"always\" DISABLE;\n");
  }
}

}  // namespace
}  // namespace controller
