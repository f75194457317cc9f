#include "controller/database/archive_shares.h"

#include <gtest/gtest.h>

#include <sstream>

namespace controller {
namespace {

using Section = ArchiveEntry::Section;

constexpr std::uint64_t kMega = std::uint64_t{1} << 20U;

struct Entry {
  int id;
  const char* description;
  Section section;
  std::vector<int> dependencies{};
};

/// "structure 1 2 | 4 7 | 5 | rest 9".
std::string divided(const std::map<int, std::uint64_t>& bytes, unsigned most,
                    const std::vector<Entry>& entries) {
  ArchiveShares shares(bytes, most);
  for (const auto& one : entries) {
    ArchiveEntry entry;
    entry.id = one.id;
    entry.description = one.description;
    entry.section = one.section;
    entry.dependencies = one.dependencies;
    entry.has_data = entry.description == "TABLE DATA" || entry.description == "BLOBS";
    shares.add(entry);
  }
  std::ostringstream text;
  const auto list = [&](const std::set<int>& ids) {
    for (const int id : ids) {
      text << " " << id;
    }
  };
  text << "structure";
  list(shares.structure());
  for (std::size_t number = 0; number < shares.count(); ++number) {
    text << " |";
    list(shares.share(number));
  }
  text << " | rest";
  list(shares.rest());
  return text.str();
}

const std::vector<Entry> kShop = {
    {1, "TABLE", Section::PreData},
    {2, "COMMENT", Section::None, {1}},
    {3, "ACL", Section::None, {1}},
    {4, "TABLE", Section::PreData},
    {5, "TABLE", Section::PreData},
    {11, "TABLE DATA", Section::Data, {1}},
    {14, "TABLE DATA", Section::Data, {4}},
    {15, "TABLE DATA", Section::Data, {5}},
    {20, "SEQUENCE SET", Section::Data, {1}},
    {21, "CONSTRAINT", Section::PostData, {1}},
    {22, "INDEX", Section::PostData, {4}},
    {23, "COMMENT", Section::None, {22}},
    {24, "INDEX", Section::PostData, {99}},  // of a partitioned table or a materialized view
    {25, "FK CONSTRAINT", Section::PostData, {1, 4, 21}},
    {26, "TRIGGER", Section::PostData, {1}},
};

TEST(ArchiveShares, GivesEachSessionTablesWithTheirIndexes) {
  EXPECT_EQ(divided({{11, 100 * kMega}, {14, 60 * kMega}, {15, 30 * kMega}}, 2, kShop),
            "structure 1 2 4 5 | 11 21 | 14 15 22 | rest 3 20 23 24 25 26");
}

TEST(ArchiveShares, HasNoMoreThanThereAreTables) {
  EXPECT_EQ(divided({{11, 100 * kMega}, {14, 60 * kMega}, {15, 30 * kMega}}, 8, kShop),
            "structure 1 2 4 5 | 11 21 | 14 22 | 15 | rest 3 20 23 24 25 26");
}

TEST(ArchiveShares, IsOneForLittle) {
  EXPECT_EQ(divided({{11, kMega}, {14, kMega}, {15, kMega}}, 4, kShop),
            "structure 1 2 4 5 | 11 14 15 21 22 | rest 3 20 23 24 25 26");
  EXPECT_EQ(divided({}, 4, {}), "structure | | rest");
}

TEST(ArchiveShares, GivesLargeObjectsToWhoeverHasLeast) {
  EXPECT_EQ(divided({{11, 100 * kMega}, {14, 60 * kMega}}, 2,
                    {{7, "BLOB", Section::PreData},
                     {8, "TABLE", Section::PreData},
                     {11, "TABLE DATA", Section::Data, {8}},
                     {14, "TABLE DATA", Section::Data},
                     {29, "BLOB METADATA", Section::Data},  // from PostgreSQL 17 on
                     {30, "BLOBS", Section::Data, {29}}}),
            "structure 7 8 29 | 11 | 14 30 | rest");
}

}  // namespace
}  // namespace controller
