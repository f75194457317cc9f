#include "controller/archive/artifact.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <system_error>

#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

// Half noise, half text: neither stored as it is nor reduced to nothing.
std::string sample(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes;
  while (bytes.size() < size) {
    const std::uint64_t word = random();
    if ((bytes.size() >> 20U) % 2 == 0) {
      bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
    } else {
      bytes += "line " + std::to_string(word % 1000) + "\n";
    }
  }
  bytes.resize(size);
  return bytes;
}

ArtifactDigest store(const std::filesystem::path& path, const std::string& bytes,
                     const std::string& compression, unsigned threads = 2) {
  ArtifactSink sink(path, parse_compression(compression), threads);
  // In pieces that never fit a frame evenly.
  for (std::size_t at = 0; at < bytes.size(); at += 777'777) {
    sink.write(std::string_view(bytes).substr(at, 777'777));
  }
  return sink.close();
}

std::string read_back(const std::filesystem::path& path, unsigned threads = 2) {
  ArtifactSource source(path, threads);
  std::string bytes;
  for (std::string_view piece = source.read(); !piece.empty(); piece = source.read()) {
    bytes += piece;
  }
  return bytes;
}

struct Case {
  const char* compression;
  const char* file;
  const char* stock_tool;
};

class ArtifactTest : public testing::TestWithParam<Case> {
 protected:
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / GetParam().file;
};

TEST_P(ArtifactTest, IsReadBackByteForByte) {
  for (const std::size_t size : {0UL, 1UL, 4'194'304UL, 4'194'305UL, 30'000'000UL}) {
    const std::string bytes = sample(size);

    const ArtifactDigest digest = store(path_, bytes, GetParam().compression);

    EXPECT_TRUE(read_back(path_) == bytes) << size;
    EXPECT_EQ(digest.raw_bytes, size);
    EXPECT_EQ(digest.stored_bytes, std::filesystem::file_size(path_));
    std::filesystem::remove(path_);
  }
}

TEST_P(ArtifactTest, IsReadByTheStockTool) {
  const std::string bytes = sample(10'000'000);

  store(path_, bytes, GetParam().compression);

  EXPECT_TRUE(output_of(GetParam().stock_tool + path_.string()) == bytes);
}

TEST_P(ArtifactTest, HasTheDigestThatSha256sumFinds) {
  const ArtifactDigest digest = store(path_, sample(9'000'000), GetParam().compression);

  EXPECT_EQ(output_of("sha256sum < " + path_.string()), digest.sha256 + "  -\n");
}

TEST_P(ArtifactTest, FinishSaysWhatCloseSaid) {
  const ArtifactDigest written = store(path_, sample(9'000'000), GetParam().compression);

  ArtifactSource source(path_, 2);
  source.read();

  EXPECT_EQ(source.finish(), written);
}

TEST_P(ArtifactTest, IsTheSameWhateverTheNumberOfThreads) {
  const std::string bytes = sample(13'000'000);

  EXPECT_EQ(store(path_, bytes, GetParam().compression, 1),
            store(directory_ / ("again-" + std::string(GetParam().file)), bytes,
                  GetParam().compression, 7));
}

TEST_P(ArtifactTest, IsGoneIfItIsNotClosed) {
  {
    ArtifactSink sink(path_, parse_compression(GetParam().compression), 2);
    sink.write(sample(10'000'000));
    EXPECT_TRUE(std::filesystem::exists(path_));
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_P(ArtifactTest, DoesNotReplaceAFile) {
  write_file(path_, "precious");

  EXPECT_THROW(ArtifactSink(path_, parse_compression(GetParam().compression), 2),
               std::system_error);
  EXPECT_EQ(read_file(path_), "precious");
}

TEST_P(ArtifactTest, SourceMayBeLeftHalfRead) {
  store(path_, sample(60'000'000), GetParam().compression);

  ArtifactSource source(path_, 2);

  EXPECT_FALSE(source.read().empty());
}

INSTANTIATE_TEST_SUITE_P(EveryMethod, ArtifactTest,
                         testing::Values(Case{"zstd:3", "x.zst", "zstd -dc "},
                                         Case{"gzip:6", "x.gz", "gzip -dc < "},
                                         Case{"none", "x.bin", "cat "}),
                         [](const auto& test) { return std::string(test.param.file).substr(2); });

class DamageTest : public testing::TestWithParam<Case> {
 protected:
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / GetParam().file;
};

// Every region of a frame: magic number, header, first block, middle, checksum, next frame's start.
TEST_P(DamageTest, OfOneByteIsFound) {
  const ArtifactDigest written = store(path_, sample(6'000'000), GetParam().compression);
  const std::string good = read_file(path_);

  for (const std::size_t at :
       {0UL, 1UL, 3UL, 4UL, 9UL, 12UL, 100UL, good.size() / 2, good.size() - 5, good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    write_file(path_, bad);

    bool found = false;
    try {
      // A gzip header has bytes that mean nothing (its time stamp): there only the digest tells.
      found = ArtifactSource(path_, 2).finish() != written;
    } catch (const IntegrityError& error) {
      found = std::string(error.what()).find(path_.string()) != std::string::npos;
    }
    EXPECT_TRUE(found) << at;
  }
}

TEST_P(DamageTest, ByACutIsFound) {
  store(path_, sample(6'000'000), GetParam().compression);
  const std::string good = read_file(path_);

  for (const std::size_t size :
       {0UL, 1UL, 5UL, 17UL, 1000UL, good.size() / 2, good.size() - 9, good.size() - 1}) {
    write_file(path_, good.substr(0, size));
    EXPECT_THROW(read_back(path_), IntegrityError) << size;
  }
}

TEST_P(DamageTest, ByBytesBehindTheEndIsFound) {
  store(path_, sample(6'000'000), GetParam().compression);
  write_file(path_, read_file(path_) + "more");

  EXPECT_THROW(read_back(path_), IntegrityError);
}

INSTANTIATE_TEST_SUITE_P(EveryMethod, DamageTest,
                         testing::Values(Case{"zstd:3", "x.zst", ""}, Case{"gzip:6", "x.gz", ""}),
                         [](const auto& test) { return std::string(test.param.file).substr(2); });

TEST(ArtifactSource, ReadsWhatStockToolsWrote) {
  const TemporaryDirectory directory;
  const std::string bytes = sample(40'000'000);
  write_file(directory / "raw", bytes);
  const std::string raw = (directory / "raw").string();

  ASSERT_EQ(run("zstd -q -T2 < " + raw + " > " + raw + ".zst"), 0);
  EXPECT_TRUE(read_back(raw + ".zst") == bytes);
  ASSERT_EQ(run("zstd -q --long=27 < " + raw + " > " + raw + ".long.zst"), 0);
  EXPECT_TRUE(read_back(raw + ".long.zst") == bytes);
  ASSERT_EQ(run("gzip -1 < " + raw + " > " + raw + ".gz"), 0);
  EXPECT_TRUE(read_back(raw + ".gz") == bytes);
  // Ours, then one large foreign frame, then ours again.
  store(directory / "own.zst", bytes, "zstd:1");
  ASSERT_EQ(run("cd " + directory.path().string() + " && cat own.zst raw.zst own.zst > mix.zst"),
            0);
  EXPECT_TRUE(read_back(directory / "mix.zst") == bytes + bytes + bytes);
}

TEST(ArtifactSource, RefusesAWindowThatNeedsTooMuchMemory) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run("head -c 300M /dev/zero | zstd -q --ultra --long=30 > " +
                (directory / "wide.zst").string()),
            0);

  EXPECT_THROW(read_back(directory / "wide.zst"), IntegrityError);
}

TEST(ArtifactSource, CannotOpenWhatIsNotThere) {
  EXPECT_THROW(ArtifactSource("/nonexistent/x.zst", 2), std::system_error);
}

TEST(ArtifactSink, SaysThatTheFileSystemIsFullAndLeavesNoFile) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=6m"), 0)
      << "these tests run as root";
  const std::string bytes = sample(30'000'000);

  for (const char* const name : {"x.zst", "x.gz", "x.bin"}) {
    const Compression compression{method_of(name), 1};
    try {
      ArtifactSink sink(directory / name, compression, 2);
      sink.write(bytes);
      sink.close();
      ADD_FAILURE() << name << " fitted";
    } catch (const NoSpace& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
    EXPECT_FALSE(std::filesystem::exists(directory / name)) << name;
  }

  EXPECT_EQ(::umount(directory.path().c_str()), 0);
}

TEST(ArtifactSink, SaysThatAFileMayNotGrowAndLeavesNoFile) {
  const TemporaryDirectory directory;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1'000'000, before.rlim_max};
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);

  EXPECT_THROW(store(directory / "x.zst", sample(9'000'000), "zstd:1"), std::system_error);

  EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old);
  EXPECT_FALSE(std::filesystem::exists(directory / "x.zst"));
}

// Noise is stored nearly as it is, and what lies beside it is compressed all the same.
TEST(ArtifactSink, CompressesWhatCanBeCompressed) {
  const TemporaryDirectory directory;
  std::mt19937_64 random(1);
  std::string noise;
  while (noise.size() < 8'388'608) {
    const std::uint64_t word = random();
    noise.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }

  const auto noisy = store(directory / "noise.zst", noise, "zstd:3");
  const auto mixed = store(directory / "mixed.zst", noise + std::string(8'388'608, 'x'), "zstd:3");

  EXPECT_LT(noisy.stored_bytes, noise.size() + 1000);
  EXPECT_LT(mixed.stored_bytes, noise.size() + 5000);
}

TEST(ArtifactSink, CountsWhileItWrites) {
  const TemporaryDirectory directory;
  ArtifactSink sink(directory / "x", {Compression::Method::None, 0}, 1);

  sink.write(std::string(5'000'000, 'x'));

  EXPECT_EQ(sink.raw_bytes(), 5'000'000U);
  EXPECT_LE(sink.stored_bytes(), 5'000'000U);
  EXPECT_EQ(sink.close().stored_bytes, 5'000'000U);
}

}  // namespace
}  // namespace controller
