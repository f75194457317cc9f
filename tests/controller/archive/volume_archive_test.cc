#include "controller/archive/volume_archive.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/archive/torture_tree.h"
#include "tests/controller/archive/tree_fingerprint.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

class VolumeArchiveTest : public testing::Test {
 protected:
  VolumeArchiveTest() { fs::create_directory(root_); }

  ArchiveSummary archive(const std::vector<std::string>& exclude = {},
                         Liveness liveness = Liveness::Still) {
    ArchiveRequest request;
    request.root = root_;
    request.artifact = artifact_;
    request.exclude = exclude;
    request.liveness = liveness;
    fs::remove(artifact_);
    return archive_volume(request, {}, {});
  }

  ArchiveSummary extract(const ArchiveSummary& archived) {
    fs::create_directory(target_);
    return extract_volume({artifact_, target_, archived.content_bytes, archived.entries, 2}, {},
                          {});
  }

  // What stock tar lists.
  std::string listing() const {
    return output_of("tar --warning=no-unknown-keyword -tf " + artifact_.string());
  }

  TemporaryDirectory directory_;
  fs::path root_ = directory_ / "root";
  fs::path target_ = directory_ / "target";
  fs::path artifact_ = directory_ / "a.tar.zst";
};

TEST_F(VolumeArchiveTest, KeepsEverythingOfATortureTree) {
  make_torture_tree(root_);

  const ArchiveSummary archived = archive();
  const ArchiveSummary read = read_archive(artifact_, 2);
  const ArchiveSummary extracted = extract(archived);

  EXPECT_EQ(archived.warnings, (std::vector<ArchiveWarning>{{"socket", "socket skipped"}}));
  TreeFingerprint expected = fingerprint(root_);
  expected.erase("socket");
  EXPECT_EQ(difference(expected, fingerprint(target_)), "");
  EXPECT_EQ(archived.entries, expected.size());
  EXPECT_EQ(read.entries, archived.entries);
  EXPECT_EQ(read.content_bytes, archived.content_bytes);
  EXPECT_EQ(read.artifact, archived.artifact);
  EXPECT_EQ(extracted.entries, archived.entries);
  EXPECT_EQ(extracted.content_bytes, archived.content_bytes);
  EXPECT_EQ(extracted.artifact, archived.artifact);
  EXPECT_TRUE(extracted.warnings.empty());
}

// Runs `work` on a thread that has these capabilities only, and so have the threads it starts.
template <typename Work>
void with_capabilities(const std::vector<unsigned>& capabilities, const Work& work) {
  std::string error;
  std::thread thread([&] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};
    for (const unsigned capability : capabilities) {
      sets[capability / 32].effective |= 1U << capability % 32;
      sets[capability / 32].permitted |= 1U << capability % 32;
    }
    if (::syscall(SYS_capset, &header, sets.data()) != 0) {
      error = "these tests run as root";
      return;
    }
    try {
      work();
    } catch (const std::exception& thrown) {
      error = thrown.what();
    }
  });
  thread.join();
  EXPECT_EQ(error, "");
}

TEST_F(VolumeArchiveTest, NeedsFewCapabilities) {
  make_torture_tree(root_);
  ArchiveSummary archived;
  ArchiveSummary extracted;

  with_capabilities({CAP_DAC_READ_SEARCH}, [&] { archived = archive(); });
  with_capabilities({CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_SETFCAP, CAP_MKNOD},
                    [&] { extracted = extract(archived); });

  TreeFingerprint expected = fingerprint(root_);
  expected.erase("socket");
  EXPECT_EQ(difference(expected, fingerprint(target_)), "");
  EXPECT_TRUE(extracted.warnings.empty());
}

TEST_F(VolumeArchiveTest, WarnsOfWhatThePlatformDoesNotLetItRestore) {
  write_file(root_ / "a", "x");
  write_file(root_ / "b", "x");
  for (const char* const name : {"a", "b"}) {
    ASSERT_EQ(::setxattr((root_ / name).c_str(), "trusted.x", "v", 1, 0), 0);
  }
  ASSERT_EQ(::mknod((root_ / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  const ArchiveSummary archived = archive();
  ArchiveSummary extracted;

  with_capabilities({CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID},
                    [&] { extracted = extract(archived); });

  EXPECT_EQ(extracted.warnings,
            (std::vector<ArchiveWarning>{
                {"null", "device node not restored"},
                {"a", "extended attribute trusted.x not restored (2 entries)"}}));
  EXPECT_EQ(read_file(target_ / "b"), "x");
}

// Stock tar cannot make paths beyond PATH_MAX.
TEST_F(VolumeArchiveTest, GivesStockTarEverythingOfATortureTree) {
  make_torture_tree(root_);
  archive({"deep/**"});

  fs::create_directory(target_);
  ASSERT_EQ(run("tar --warning=no-unknown-keyword --xattrs --xattrs-include='*' --acls "
                "--numeric-owner -C " +
                target_.string() + " -xpf " + artifact_.string()),
            0);

  TreeFingerprint expected = fingerprint(root_);
  std::erase_if(expected, [](const auto& entry) {
    return entry.first == "socket" || entry.first.starts_with("deep/");
  });
  EXPECT_EQ(difference(expected, fingerprint(target_)), "");
}

TEST_F(VolumeArchiveTest, GivesBsdtarTheOrdinaryTree) {
  fs::create_directory(root_ / "d");
  write_file(root_ / "d/caf\xC3\xA9", "x");
  fs::create_hard_link(root_ / "d/caf\xC3\xA9", root_ / "linked");
  archive();

  fs::create_directory(target_);
  ASSERT_EQ(run("bsdtar -C " + target_.string() + " -xpf " + artifact_.string()), 0);

  // bsdtar does not set the time of the directory it extracts into.
  TreeFingerprint expected = fingerprint(root_);
  TreeFingerprint actual = fingerprint(target_);
  expected.erase(".");
  actual.erase(".");
  EXPECT_EQ(difference(expected, actual), "");
}

TEST_F(VolumeArchiveTest, SortsEntriesAndBeginsWithTheRoot) {
  for (const char* const name : {"b", "a-b", "a.b"}) {
    write_file(root_ / name, "x");
  }
  fs::create_directory(root_ / "a");
  write_file(root_ / "a/z", "x");

  archive();

  EXPECT_EQ(listing(), "./\n./a/\n./a/z\n./a-b\n./a.b\n./b\n");
}

TEST_F(VolumeArchiveTest, IsTheSameEachTime) {
  write_file(root_ / "a", std::string(5'000'000, 'x'));
  fs::create_directory(root_ / "d");

  const ArtifactDigest first = archive().artifact;

  EXPECT_EQ(archive().artifact, first);
}

TEST_F(VolumeArchiveTest, LeavesOutWhatIsExcluded) {
  fs::create_directories(root_ / "cache/deep");
  write_file(root_ / "cache/deep/a", "x");
  write_file(root_ / "kept", "x");
  write_file(root_ / "b.tmp", "x");

  const ArchiveSummary summary = archive({"cache/**", "*.tmp"});

  EXPECT_EQ(listing(), "./\n./cache/\n./kept\n");
  EXPECT_EQ(summary.entries, 3U);
}

TEST_F(VolumeArchiveTest, ArchivesASingleFile) {
  fs::remove(root_);
  write_file(root_, "only this");

  const ArchiveSummary summary = archive();

  EXPECT_EQ(listing(), "./root\n");
  EXPECT_EQ(summary.entries, 1U);
  EXPECT_EQ(summary.content_bytes, 9U);
}

TEST_F(VolumeArchiveTest, CountsContentWithoutHoles) {
  write_file(root_ / "a", "12345");
  fs::create_hard_link(root_ / "a", root_ / "b");
  write_file(root_ / "hole", "");
  fs::resize_file(root_ / "hole", 1'000'000);

  EXPECT_EQ(archive().content_bytes, 5U);
}

TEST_F(VolumeArchiveTest, DoesNotArchiveItself) {
  fs::create_directory(root_ / "backups");
  artifact_ = root_ / "backups/a.tar.zst";
  write_file(root_ / "data", "x");

  const ArchiveSummary summary = archive({}, Liveness::Live);

  EXPECT_EQ(listing(), "./\n./data\n");
  ASSERT_EQ(summary.warnings.size(), 1U);
  EXPECT_EQ(summary.warnings[0].path, "backups");
}

TEST_F(VolumeArchiveTest, ReportsProgressAndTheEnd) {
  write_file(root_ / "a", "12345");
  ArchiveRequest request;
  request.root = root_;
  request.artifact = artifact_;
  ArchiveProgress last;

  const ArchiveSummary summary =
      archive_volume(request, [&last](const ArchiveProgress& progress) { last = progress; }, {});

  EXPECT_EQ(last.entries, 2U);
  EXPECT_EQ(last.bytes, 5U);
  EXPECT_EQ(last.stored_bytes, summary.artifact.stored_bytes);
}

TEST_F(VolumeArchiveTest, ReportsProgressFourTimesASecondAtMost) {
  for (int i = 0; i < 3000; ++i) {
    write_file(root_ / std::to_string(i), "x");
  }
  write_file(root_ / "large", std::string(64U << 20U, 'x'));
  ArchiveRequest request;
  request.root = root_;
  request.artifact = artifact_;
  int reports = 0;

  const auto began = std::chrono::steady_clock::now();
  archive_volume(request, [&reports](const ArchiveProgress&) { ++reports; }, {});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;

  EXPECT_GE(reports, 1);
  EXPECT_LE(reports, 4 * took.count() + 1) << "the last one comes in any case";
}

TEST_F(VolumeArchiveTest, IsGivenUpOnRequestAndLeavesNoFile) {
  write_file(root_ / "a", "x");
  ArchiveRequest request;
  request.root = root_;
  request.artifact = artifact_;
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THROW(archive_volume(request, {}, stop.get_token()), Interrupted);
  EXPECT_FALSE(fs::exists(artifact_));
}

TEST_F(VolumeArchiveTest, LeavesNoFileIfTheRootIsMissing) {
  fs::remove(root_);

  EXPECT_THROW(archive(), std::system_error);
  EXPECT_FALSE(fs::exists(artifact_));
}

TEST_F(VolumeArchiveTest, SaysThatTheStoreIsFullAndLeavesNoFile) {
  run("head -c 30M /dev/urandom > " + (root_ / "random").string());
  fs::create_directory(target_);
  ASSERT_EQ(::mount("tmpfs", target_.c_str(), "tmpfs", 0, "size=8m"), 0)
      << "these tests run as root";
  artifact_ = target_ / "a.tar.zst";

  EXPECT_THROW(archive(), NoSpace);
  EXPECT_TRUE(fs::is_empty(target_));
  EXPECT_EQ(::umount(target_.c_str()), 0);
}

TEST_F(VolumeArchiveTest, SaysThatTheTargetIsFull) {
  run("head -c 30M /dev/urandom > " + (root_ / "random").string());
  const ArchiveSummary archived = archive();
  fs::create_directory(target_);
  for (const char* const limit : {"size=8m", "nr_inodes=1"}) {
    ASSERT_EQ(::mount("tmpfs", target_.c_str(), "tmpfs", 0, limit), 0);
    EXPECT_THROW(extract(archived), NoSpace) << limit;
    EXPECT_EQ(::umount(target_.c_str()), 0);
  }
}

// Appends for as long as it lives.
class Appender {
 public:
  explicit Appender(const fs::path& path)
      : thread_([this, path] {
          const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "a"),
                                                           std::fclose);
          while (!stop_) {
            std::fputs("x", file.get());
            std::fflush(file.get());
            ++appended_;
          }
        }) {
    while (appended_ == 0) {
      std::this_thread::yield();
    }
  }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  ~Appender() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<long> appended_{0};
  std::thread thread_;
};

TEST_F(VolumeArchiveTest, OfAStillTreeFailsIfAFileChanges) {
  write_file(root_ / "log", std::string(200'000'000, 'x'));
  const Appender appender(root_ / "log");

  try {
    archive();
    FAIL() << "the change was not noticed";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("log changed"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(fs::exists(artifact_));
}

TEST_F(VolumeArchiveTest, OfALiveTreeWarnsIfAFileChanges) {
  write_file(root_ / "log", std::string(200'000'000, 'x'));
  const Appender appender(root_ / "log");

  const ArchiveSummary summary = archive({}, Liveness::Live);

  EXPECT_EQ(summary.warnings, (std::vector<ArchiveWarning>{{"log", "changed while it was read"}}));
  EXPECT_EQ(read_archive(artifact_, 2).entries, 2U);
}

// M2: whatever happens to a tree while it is read, the archive is whole, and nothing from outside
// gets into it through a link that took a file's place.
TEST_F(VolumeArchiveTest, OfATreeInTurmoilIsWholeAndStaysInside) {
  write_file(directory_ / "secret", "TOP-SECRET-CONTENT");
  std::atomic<bool> stop{false};
  std::thread turmoil([this, &stop] {
    unsigned random = 1;
    for (unsigned round = 0; !stop; ++round) {
      random = random * 1664525U + 1013904223U;
      const fs::path path = root_ / std::to_string(random >> 24U);
      std::error_code ignored;
      fs::remove_all(path, ignored);
      switch (round % 5) {
        case 0:
          fs::create_symlink(directory_ / "secret", path, ignored);
          break;
        case 1:
          fs::create_directories(path / "below", ignored);
          break;
        case 2:
          ::mkfifo(path.c_str(), 0600);
          break;
        default:
          write_file(path, std::string(random >> 12U, 'x'));
          fs::resize_file(path, random >> 14U, ignored);
      }
    }
  });

  for (int round = 0; round < 20; ++round) {
    const ArchiveSummary summary = archive({}, Liveness::Live);
    EXPECT_EQ(read_archive(artifact_, 2).entries, summary.entries);
    EXPECT_NE(run("tar -xOf " + artifact_.string() + " | grep -q TOP-SECRET"), 0);
  }

  stop = true;
  turmoil.join();
}

class DamagedArchiveTest : public VolumeArchiveTest {
 protected:
  DamagedArchiveTest() {
    write_file(root_ / "a", "content of a");
    write_file(root_ / "b", "content of b");
    ArchiveRequest request;
    request.root = root_;
    request.artifact = directory_ / "plain.tar";
    request.compression = {Compression::Method::None, 0};
    archive_volume(request, {}, {});
    artifact_ = request.artifact;
    good_ = read_file(artifact_);
  }

  std::string good_;
};

TEST_F(DamagedArchiveTest, IsRefusedIfItIsCutAnywhere) {
  ASSERT_EQ(read_archive(artifact_, 1).entries, 3U);
  for (std::size_t size = 0; size < good_.size(); size += 128) {
    write_file(artifact_, good_.substr(0, size));
    EXPECT_THROW(read_archive(artifact_, 1), IntegrityError) << size;
  }
}

TEST_F(DamagedArchiveTest, IsRefusedIfAHeaderIsZeroed) {
  for (std::size_t at = 0; at + 1024 < good_.size(); at += 512) {
    std::string bad = good_;
    if (bad.compare(at, 512, std::string(512, '\0')) == 0) {
      continue;
    }
    bad.replace(at, 512, std::string(512, '\0'));
    write_file(artifact_, bad);
    // Zeroed content is other content: only the digest can tell.
    const bool is_content = good_.compare(at, 7, "content") == 0;
    if (!is_content) {
      EXPECT_THROW(read_archive(artifact_, 1), IntegrityError) << at;
    }
  }
}

TEST_F(DamagedArchiveTest, IsRefusedIfItGoesOnBehindItsEnd) {
  write_file(artifact_, good_ + std::string(511, '\0') + "x");

  EXPECT_THROW(read_archive(artifact_, 1), IntegrityError);
}

TEST_F(VolumeArchiveTest, NamesTheFileThatIsDamaged) {
  write_file(root_ / "a", std::string(10'000'000, 'x'));
  archive();
  std::string bad = read_file(artifact_);
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
  write_file(artifact_, bad);

  try {
    read_archive(artifact_, 2);
    FAIL();
  } catch (const IntegrityError& error) {
    EXPECT_NE(std::string(error.what()).find(artifact_.string()), std::string::npos);
  }
}

TEST_F(VolumeArchiveTest, IsMeasuredWithoutReadingIt) {
  fs::create_directories(root_ / "pgdata/global");
  write_file(root_ / "pgdata/PG_VERSION", "15\n");
  write_file(root_ / "pgdata/global/pg_control", std::string(8192, 'x'));
  write_file(root_ / "cache", std::string(100'000, 'x'));
  fs::create_hard_link(root_ / "cache", root_ / "again");
  write_file(root_ / "hole", "");
  fs::resize_file(root_ / "hole", 1'000'000'000);

  const TreeSize size = measure_tree(root_, {});
  const TreeSize without = measure_tree(root_, {"pgdata", "cache", "again"});

  EXPECT_EQ(size.entries, 8U);
  EXPECT_GE(size.bytes, 108'192U);
  EXPECT_LT(size.bytes, 200'000U);
  EXPECT_TRUE(size.has_postgres_cluster);
  EXPECT_EQ(without.entries, 2U);
  EXPECT_FALSE(without.has_postgres_cluster);
  EXPECT_THROW(measure_tree("/nonexistent", {}), std::system_error);
}

}  // namespace
}  // namespace controller
