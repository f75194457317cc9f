// Archives that mean harm: nothing outside of the target may change, whatever they say.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "controller/archive/volume_archive.h"
#include "tests/controller/archive/tar_builder.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/archive/tree_fingerprint.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

struct Hostile {
  std::string label;
  std::string archive;
};

TarBuilder tar() {
  return TarBuilder().directory("./");
}

std::vector<Hostile> with_bad_names() {
  std::vector<Hostile> cases;
  for (const std::string name :
       {"../canary", "./../canary", "a/../../canary", "./a/../b", "/canary", "//canary", "..",
        "./..", "a/..", "a/.", ".//a", "a//b", "././a", "./a/./b", "./a/", "a/", ""}) {
    cases.push_back({"file named " + name, tar().file(name).archive()});
  }
  for (const std::string name : {"../d/", "/d/", "./d//", "./d/../e/", "./d/./", "..", "../"}) {
    cases.push_back({"directory named " + name, tar().directory(name).archive()});
  }
  for (const std::string& name :
       {std::string("../canary"), std::string("/canary"), std::string("a/../../canary"),
        std::string("./") + std::string(200'000, 'a'), std::string("a/b/../../../canary")}) {
    cases.push_back({"PAX path " + name.substr(0, 40),
                     tar().pax({{"path", name}}).file("./harmless").archive()});
    cases.push_back({"GNU long name " + name.substr(0, 40),
                     tar()
                         .add({"././@LongLink", 'L', name + std::string(1, '\0'), "", 0, ""})
                         .file("./harmless")
                         .archive()});
  }
  cases.push_back({"symbolic link named ..", tar().symlink("./..", "x").archive()});
  cases.push_back({"the root as a file", TarBuilder().file("./").archive()});
  return cases;
}

std::vector<Hostile> with_bad_links(const std::string& outside) {
  return {
      {"write through an absolute link",
       tar().symlink("./d", outside).file("./d/canary").archive()},
      {"write through a relative link", tar().symlink("./d", "..").file("./d/canary").archive()},
      {"directory through a link",
       tar().symlink("./d", outside).directory("./d/").file("./d/canary").archive()},
      {"a directory's link, then the directory again",
       tar().directory("./d/").symlink("./d", outside).file("./d/canary").archive()},
      {"link chain", tar().symlink("./a", "..").symlink("./b", "a").file("./b/canary").archive()},
      {"write over a link", tar().symlink("./a", outside + "/canary").file("./a").archive()},
      {"hard link to the outside", tar().hardlink("./a", "../canary").archive()},
      {"hard link to an absolute path", tar().hardlink("./a", outside + "/canary").archive()},
      {"hard link through a link",
       tar().symlink("./d", "..").hardlink("./a", "./d/canary").archive()},
      {"hard link with dots", tar().file("./x").hardlink("./a", "./b/../../canary").archive()},
      {"hard link to nothing", tar().hardlink("./a", "./missing").archive()},
      {"hard link to itself", tar().hardlink("./a", "./a").archive()},
      {"hard link to a directory", tar().directory("./d/").hardlink("./a", "./d").archive()},
      {"hard link to the root", tar().hardlink("./a", "./").archive()},
      {"hard link with content",
       tar().file("./x").add({"./a", '1', "overwritten", "./x", 0644, ""}).archive()},
      {"hard link to a link, then a file of its name", tar()
                                                           .symlink("./s", outside + "/canary")
                                                           .hardlink("./h", "./s")
                                                           .file("./h", "overwritten")
                                                           .archive()},
      {"hard link before its target", tar().hardlink("./a", "./b").archive()},
      {"PAX link path", tar().pax({{"linkpath", "../canary"}}).hardlink("./a", "./x").archive()},
      {"symbolic link to nothing", tar().symlink("./a", "").archive()},
      {"symbolic link with content", tar().add({"./a", '2', "content", "x", 0777, ""}).archive()},
  };
}

std::vector<Hostile> with_duplicates() {
  return {
      {"a file twice", tar().file("./a").file("./a", "other").archive()},
      {"a file under two names", tar().file("./a").file("a", "other").archive()},
      {"a directory twice", tar().directory("./d/").directory("./d/").archive()},
      {"a directory with and without slash", tar().directory("./d/").directory("./d").archive()},
      {"a file, then a directory", tar().file("./a").directory("./a/").archive()},
      {"a directory, then a file", tar().directory("./a/").file("./a").archive()},
      {"a link, then a file", tar().symlink("./a", "b").file("./a").archive()},
      {"a file, then a link", tar().file("./a").symlink("./a", "b").archive()},
      {"a link twice", tar().symlink("./a", "b").symlink("./a", "c").archive()},
      {"a hard link over a file", tar().file("./a").file("./b").hardlink("./b", "./a").archive()},
      {"a fifo over a file", tar().file("./a").add({"./a", '6', "", "", 0644, ""}).archive()},
      {"the root twice", tar().directory("./").archive()},
      {"the root by its other name", tar().directory(".").archive()},
      {"no directory for a file", tar().file("./d/a").archive()},
      {"no directory for a directory", tar().directory("./d/e/").archive()},
      {"a file below a file", tar().file("./f").file("./f/a").archive()},
      {"a file below a fifo", tar().add({"./f", '6', "", "", 0644, ""}).file("./f/a").archive()},
  };
}

std::vector<Hostile> with_bad_numbers() {
  const std::string negative("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", 12);
  const std::string enormous("\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12);
  return {
      {"negative size", tar().add({"./a", '0', "", "", 0644, negative}).archive()},
      {"enormous size", tar().add({"./a", '0', "", "", 0644, enormous}).archive()},
      {"size beyond the end", tar().add({"./a", '0', "", "", 0644, "00000100000"}).archive()},
      {"PAX size beyond 64 bits",
       tar().pax({{"size", "99999999999999999999999"}}).file("./a").archive()},
      {"PAX size negative", tar().pax({{"size", "-5"}}).file("./a").archive()},
      {"PAX owner negative", tar().pax({{"uid", "-7"}}).file("./a").archive()},
      {"PAX owner beyond 32 bits", tar().pax({{"uid", "4294967295"}}).file("./a").archive()},
      {"PAX group beyond 32 bits", tar().pax({{"gid", "99999999999"}}).file("./a").archive()},
      {"PAX record too long",
       tar().add({"pax", 'x', "999999 path=a\n", "", 0644, ""}).file("./a").archive()},
      {"PAX record without end",
       tar().add({"pax", 'x', "18 path=../canary", "", 0644, ""}).file("./a").archive()},
      {"no archive at all", std::string(4096, 'x')},
      {"nothing", ""},
      {"a checksum that is wrong", tar().raw("./a" + std::string(509, '\1')).archive()},
      {"too many extended attributes",
       tar().pax({{"SCHILY.xattr.user.big", std::string(900'000, 'v')}}).file("./a").archive()},
      {"a header of its own too large",
       tar().pax({{"comment", std::string(20'000'000, 'c')}}).file("./a").archive()},
  };
}

std::vector<Hostile> with_bad_holes() {
  const auto sparse = [](const std::string& real_size, const std::string& map) {
    std::string content = map;
    content.resize(512, '\0');
    return tar()
        .pax({{"GNU.sparse.major", "1"},
              {"GNU.sparse.minor", "0"},
              {"GNU.sparse.name", "./holes"},
              {"GNU.sparse.realsize", real_size}})
        .file("./GNUSparseFile.0/holes", content + std::string(1024, 'd'))
        .archive();
  };
  return {
      {"data beyond the size", sparse("100", "1\n0\n1024\n")},
      {"data far beyond the size", sparse("2000", "1\n9000000000000000000\n1024\n")},
      {"stretches that overlap", sparse("4096", "2\n0\n512\n100\n512\n")},
      {"stretches backwards", sparse("4096", "2\n2048\n512\n0\n512\n")},
      {"negative stretch", sparse("4096", "1\n-5\n1024\n")},
      {"a map without end", sparse("4096", "99999999\n0\n1\n")},
      {"a map of nonsense", sparse("4096", "x\ny\nz\n")},
      {"8 EB of hole", sparse("9223372036854775807", "1\n0\n1024\n")},
      {"a name outside", tar()
                             .pax({{"GNU.sparse.major", "1"},
                                   {"GNU.sparse.minor", "0"},
                                   {"GNU.sparse.name", "../canary"},
                                   {"GNU.sparse.realsize", "10"}})
                             .file("./x", std::string("0\n", 2) + std::string(510, '\0'))
                             .archive()},
  };
}

class HostileArchiveTest : public testing::Test {
 protected:
  HostileArchiveTest() {
    fs::create_directories(directory_ / "outside/target");
    write_file(directory_ / "outside/canary", "alive");
    write_file(directory_ / "outside/harmless", "alive");
  }

  // Everything but the target.
  TreeFingerprint surroundings() const {
    TreeFingerprint all = fingerprint(directory_ / "outside");
    std::erase_if(all, [](const auto& entry) {
      return entry.first == "." || entry.first.starts_with("target");
    });
    return all;
  }

  ArchiveSummary extract(const std::string& archive, const std::string& name = "hostile.tar") {
    write_file(directory_ / name, archive);
    fs::remove_all(directory_ / "outside/target");
    fs::create_directory(directory_ / "outside/target");
    return extract_volume({directory_ / name, directory_ / "outside/target", 10'000'000, 1000, 2},
                          {}, {});
  }

  void expect_refused(const std::vector<Hostile>& cases) {
    const TreeFingerprint before = surroundings();
    for (const auto& hostile : cases) {
      try {
        extract(hostile.archive);
        ADD_FAILURE() << hostile.label << " was extracted";
      } catch (const std::exception&) {
        // Refused; by which of the rules does not matter here.
      }
      EXPECT_EQ(difference(before, surroundings()), "") << hostile.label;
    }
  }

  TemporaryDirectory directory_;
};

TEST_F(HostileArchiveTest, HonestOnesAreExtracted) {
  const ArchiveSummary summary = extract(tar()
                                             .directory("./d/")
                                             .file("./d/a", "content")
                                             .symlink("./l", "../canary")
                                             .hardlink("./h", "./d/a")
                                             .hardlink("./l2", "./l")
                                             .file("without-dot")
                                             .archive());

  EXPECT_EQ(summary.entries, 7U);
  EXPECT_EQ(read_file(directory_ / "outside/target/h"), "content");
  EXPECT_EQ(fs::read_symlink(directory_ / "outside/target/l2"), "../canary");
  EXPECT_EQ(fs::hard_link_count(directory_ / "outside/target/d/a"), 2U);
}

TEST_F(HostileArchiveTest, WithBadNamesAreRefused) {
  expect_refused(with_bad_names());
}

TEST_F(HostileArchiveTest, WithBadLinksAreRefused) {
  expect_refused(with_bad_links((directory_ / "outside").string()));
}

TEST_F(HostileArchiveTest, WithDuplicatesAreRefused) {
  expect_refused(with_duplicates());
}

TEST_F(HostileArchiveTest, WithBadNumbersAreRefused) {
  expect_refused(with_bad_numbers());
}

TEST_F(HostileArchiveTest, WithBadHolesAreRefused) {
  expect_refused(with_bad_holes());
}

TEST_F(HostileArchiveTest, AreRefusedByTheNameOfTheEntry) {
  try {
    extract(tar().file("../ca\nnary").archive());
    FAIL();
  } catch (const IntegrityError& error) {
    EXPECT_NE(std::string(error.what()).find("\"../ca\\x0anary\""), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("hostile.tar"), std::string::npos);
  }
}

TEST_F(HostileArchiveTest, MayNotHoldMoreThanTheManifestSays) {
  write_file(directory_ / "a.tar", tar().file("./a", "12345").file("./b", "12345").archive());
  const auto extract_within = [this](std::uint64_t bytes, std::uint64_t entries) {
    fs::remove_all(directory_ / "limited");
    fs::create_directory(directory_ / "limited");
    return extract_volume({directory_ / "a.tar", directory_ / "limited", bytes, entries, 1}, {},
                          {});
  };

  EXPECT_EQ(extract_within(10, 3).entries, 3U);
  EXPECT_THROW(extract_within(9, 3), IntegrityError);
  EXPECT_THROW(extract_within(10, 2), IntegrityError);
}

// 4 GB of zeros in a file of some hundred KB.
TEST_F(HostileArchiveTest, CannotFillTheDiskWithABomb) {
  ArtifactSink sink(directory_ / "bomb.tar.zst", {Compression::Method::Zstd, 1}, 2);
  sink.write(tar().add({"./bomb", '0', "", "", 0644, "40000000000"}).archive().substr(0, 1024));
  const std::string zeros(1U << 20U, '\0');
  for (int i = 0; i < 4096; ++i) {
    sink.write(zeros);
  }
  sink.write(zeros.substr(0, 1024));
  sink.close();
  fs::remove_all(directory_ / "outside/target");
  fs::create_directory(directory_ / "outside/target");

  EXPECT_THROW(extract_volume({directory_ / "bomb.tar.zst", directory_ / "outside/target",
                               10'000'000, 1000, 2},
                              {}, {}),
               IntegrityError);

  EXPECT_LE(fs::file_size(directory_ / "outside/target/bomb"), 10'000'000U);
}

TEST_F(HostileArchiveTest, CannotExhaustMemoryWithEntries) {
  TarBuilder entries = tar();
  for (int i = 0; i < 2000; ++i) {
    entries.symlink("./" + std::to_string(i), "x");
  }

  EXPECT_THROW(extract(entries.archive()), IntegrityError);
}

// Deeper than descriptors may be open.
TEST_F(HostileArchiveTest, MayBeDeepButNotWithoutEnd) {
  TarBuilder deep = tar();
  std::string path = ".";
  for (int i = 0; i < 900; ++i) {
    path += "/d";
    deep.pax({{"path", path + "/"}}).directory("./x/");
  }
  deep.pax({{"path", path + "/file"}}).file("./x");

  EXPECT_EQ(extract(deep.archive()).entries, 902U);

  std::string endless = "./";
  for (int i = 0; i < 100'000; ++i) {
    endless += "d/";
  }
  EXPECT_THROW(extract(tar().pax({{"path", endless}}).directory("./x/").archive()), IntegrityError);
}

TEST_F(HostileArchiveTest, OfOtherOrderGetTheirTimesRight) {
  const ArchiveSummary summary = extract(tar()
                                             .directory("./a/")
                                             .directory("./b/")
                                             .file("./a/late")
                                             .symlink("./b/later", "x")
                                             .archive());

  EXPECT_EQ(summary.entries, 5U);
  for (const char* const name : {"a", "b", "a/late", "."}) {
    struct stat status {};
    ASSERT_EQ(::stat((directory_ / "outside/target" / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mtim.tv_sec, 1'000'000'000) << name;
  }
}

}  // namespace
}  // namespace controller
