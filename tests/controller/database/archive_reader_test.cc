#include "controller/database/archive_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "controller/archive/artifact.h"
#include "tests/controller/database/archive_sample.h"

namespace controller {
namespace {

using testing::HasSubstr;

ArchiveSample sample(int revision = 14) {
  ArchiveSample archive(revision);
  archive.entry({1, false, "public", "SCHEMA", "CREATE SCHEMA public;\n"})
      .entry({2, false, "items", "TABLE", "CREATE TABLE public.items (a text);\n", "", "public",
              "fast"})
      .table(3, "items", "one\ntwo\nthree\n", 5)
      .table(4, "empty", "")
      .large_objects(5, {{16401, std::string(5000, 'x')}, {-294967296, "y"}});
  return archive;
}

DumpContents read(const std::string& bytes, std::size_t piece) {
  ArchiveReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(std::string_view(bytes).substr(at, piece));
  }
  return reader.finish();
}

CopyTotals totals_of(const std::string& lines) {
  CopyChecksum checksum;
  checksum.feed(lines);
  return checksum.totals();
}

TEST(ArchiveReader, CountsAndHashesWhateverThePieces) {
  for (const int revision : {12, 13, 14, 15, 16}) {
    const auto bytes = sample(revision).bytes();
    for (std::size_t piece = 1; piece <= bytes.size(); piece += piece < 200 ? 1 : 997) {
      const auto contents = read(bytes, piece);
      ASSERT_EQ(contents.tables.size(), 2U) << revision << " " << piece;
      EXPECT_EQ(contents.tables[0].schema, "public");
      EXPECT_EQ(contents.tables[0].name, "items");
      EXPECT_EQ(contents.tables[0].copy_statement, "COPY public.items (a) FROM stdin;\n");
      EXPECT_EQ(contents.tables[0].totals, totals_of("two\nthree\none\n"));
      EXPECT_EQ(contents.tables[1].totals, CopyTotals());
      EXPECT_EQ(contents.large_objects, 2U);
      EXPECT_EQ(contents.large_object_pages.rows, 4U);
      EXPECT_EQ(contents.server_version, "15.8");
      EXPECT_EQ(contents.dump_version, "15.9");
      EXPECT_EQ(contents.tablespaces, std::set<std::string>{"fast"});
    }
  }
}

TEST(ArchiveReader, HashesLargeObjectsAsTheirPagesWouldBeCopied) {
  const auto contents =
      read(ArchiveSample().large_objects(1, {{4000000000 - 4294967296, "ab"}}).bytes(), 7);
  EXPECT_EQ(contents.large_object_pages, totals_of("4000000000\t0\t\\\\x6162\n"));
}

// The format has no end mark, and pg_restore --list accepts every one of these.
TEST(ArchiveReader, NoticesACutWhereverItIs) {
  const auto bytes = sample().bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(read(bytes.substr(0, length), 64), IntegrityError) << length;
  }
}

TEST(ArchiveReader, NeverCrashesOverFlippedBytes) {
  const auto whole = sample(16).bytes();
  const auto good = read(whole, whole.size());
  int accepted = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned mask : {0x01U, 0x80U, 0xffU}) {
      auto bytes = whole;
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ mask);
      try {
        read(bytes, 33);
        ++accepted;
      } catch (const IntegrityError&) {
        // As it should be; a byte within a row or a definition is a matter of its hash.
      }
    }
  }
  EXPECT_LT(accepted, static_cast<int>(whole.size() * 3));
}

TEST(ArchiveReader, NeverCrashesOverNoise) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same noise every time
  const auto whole = sample().bytes();
  for (int round = 0; round < 3000; ++round) {
    auto bytes = whole;
    for (int change = 0; change < 8; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    try {
      read(bytes, 1 + random() % 400);
    } catch (const IntegrityError&) {
      // Expected.
    }
  }
}

void expect_complaint(const std::string& bytes, const std::string& complaint) {
  try {
    read(bytes, 50);
    FAIL() << complaint;
  } catch (const IntegrityError& error) {
    EXPECT_THAT(error.what(), HasSubstr(complaint));
  }
}

TEST(ArchiveReader, SaysWhatIsWrong) {
  expect_complaint("OCI runtime exec failed: exec failed", "it begins otherwise");
  expect_complaint(ArchiveSample(17).bytes(), "format version 1.17 is not known");
  expect_complaint(ArchiveSample(11).bytes(), "format version 1.11 is not known");
  expect_complaint(ArchiveSample(14).compressed(6).bytes(), "compressed inside");
  expect_complaint(ArchiveSample(16).compressed(1).bytes(), "compressed inside");
  expect_complaint("", "ends within its table of contents");
  expect_complaint(ArchiveSample().entry({9, true, "t", "TABLE DATA"}).bytes(),
                   "not in COPY format");
  expect_complaint(ArchiveSample().table(1, "a", "1\n").table(1, "b", "1\n").bytes(),
                   "two entries of number 1");
  expect_complaint(ArchiveSample().table(1, "a", "1\n").bytes() + "\1" + archive_integer(9, 4),
                   "data of no entry");
}

TEST(ArchiveReader, OutlinesWhatItHasReadTheContentsOf) {
  const auto bytes = sample().bytes();
  ArchiveReader reader;
  std::size_t taken = 0;
  while (!reader.past_contents()) {
    reader.feed(std::string_view(bytes).substr(taken++, 1));
  }
  const auto outline = reader.outline();
  const auto whole = read(bytes, bytes.size());

  EXPECT_LT(taken, bytes.size());
  ASSERT_EQ(outline.tables.size(), whole.tables.size());
  EXPECT_EQ(outline.tables[0].id, 3);
  EXPECT_EQ(outline.tables[0].name, "items");
  EXPECT_EQ(outline.tables[0].copy_statement, whole.tables[0].copy_statement);
  EXPECT_EQ(outline.tables[0].totals, CopyTotals());
  EXPECT_EQ(outline.schema_sha256, whole.schema_sha256);
  EXPECT_EQ(outline.tablespaces, whole.tablespaces);
}

TEST(ArchiveReader, WantsTheDataOfEveryEntry) {
  auto archive = ArchiveSample().table(1, "a", "1\n");
  archive.entry({2, true, "b", "TABLE DATA", "", "COPY public.b (a) FROM stdin;\n"});
  expect_complaint(archive.bytes(), "before the data of TABLE DATA b");
}

TEST(ArchiveReader, HashesTheSchemaWithoutDataAndOrder) {
  const auto hash = [](const ArchiveSample& archive) {
    return read(archive.bytes(), 100).schema_sha256;
  };
  const SampleEntry one = {1, false, "a", "TABLE", "CREATE TABLE a ();"};
  const SampleEntry two = {2, false, "b", "TABLE", "CREATE TABLE b ();"};
  const SampleEntry sequence = {3, false, "s", "SEQUENCE SET", "SELECT setval('s', 5);"};

  const auto expected = hash(ArchiveSample().entry(one).entry(two));
  EXPECT_EQ(hash(ArchiveSample().entry(two).entry(one).entry(sequence)), expected);
  EXPECT_EQ(hash(ArchiveSample(16).entry(one).entry(two).table(9, "a", "1\n")), expected);
  EXPECT_NE(hash(ArchiveSample().entry(one)), expected);
}

}  // namespace
}  // namespace controller
