// What a reading leaves in the page cache, as mincore(2) shows it.
#include "controller/archive/polite_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "controller/archive/file_descriptor.h"

namespace controller {
namespace {

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kPage = 4096;

/// A file whose pages can be counted.  In the working directory: /tmp may be a tmpfs, where pages
/// cannot leave.
class PoliteReaderTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kSize = 40 * kMiB;

  PoliteReaderTest() {
    std::string name = (std::filesystem::current_path() / "polite-reader-XXXXXX").string();
    file_ = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
    ::unlink(name.c_str());
    content_.resize(kMiB);
    for (std::uint64_t i = 0; i < kSize / kMiB; ++i) {
      content_.assign(kMiB, static_cast<char>('a' + i));
      EXPECT_EQ(::write(file_.fd(), content_.data(), kMiB), static_cast<ssize_t>(kMiB));
    }
    EXPECT_EQ(::fdatasync(file_.fd()), 0);
    forget(0, kSize);
    view_ = ::mmap(nullptr, kSize, PROT_READ, MAP_SHARED, file_.fd(), 0);
    EXPECT_NE(view_, MAP_FAILED);
  }
  PoliteReaderTest(const PoliteReaderTest&) = delete;
  PoliteReaderTest& operator=(const PoliteReaderTest&) = delete;
  ~PoliteReaderTest() override { ::munmap(view_, kSize); }

  void forget(std::uint64_t offset, std::uint64_t size) {
    ::posix_fadvise(file_.fd(), static_cast<off_t>(offset), static_cast<off_t>(size),
                    POSIX_FADV_DONTNEED);
  }

  /// Brings a range into the cache, as somebody else would who works with the file.
  void use(std::uint64_t offset, std::uint64_t size) {
    std::string bytes(size, '\0');
    ::posix_fadvise(file_.fd(), 0, 0, POSIX_FADV_RANDOM);  // no more than is asked for
    EXPECT_EQ(::pread(file_.fd(), bytes.data(), size, static_cast<off_t>(offset)),
              static_cast<ssize_t>(size));
    ::posix_fadvise(file_.fd(), 0, 0, POSIX_FADV_NORMAL);
  }

  /// Bytes of a range that are in the cache.
  std::uint64_t cached(std::uint64_t offset, std::uint64_t size) {
    std::vector<unsigned char> pages(size / kPage);
    EXPECT_EQ(::mincore(static_cast<char*>(view_) + offset, size, pages.data()), 0);
    std::uint64_t count = 0;
    for (const auto page : pages) {
      count += page & 1U;
    }
    return count * kPage;
  }

  /// Reads up to `end` and looks at what came.
  void read_to(PoliteReader& reader, std::uint64_t end) {
    std::string piece(kMiB, '\0');
    for (; at_ < end; at_ += kMiB) {
      ASSERT_EQ(reader.read(at_, piece.data(), kMiB), static_cast<ssize_t>(kMiB));
      ASSERT_EQ(piece.front(), static_cast<char>('a' + at_ / kMiB));
      ASSERT_EQ(piece.back(), piece.front());
    }
  }

  FileDescriptor file_;
  std::string content_;
  void* view_ = nullptr;
  std::uint64_t at_ = 0;
};

TEST_F(PoliteReaderTest, GivesBackWhatItBroughtIn) {
  ASSERT_EQ(cached(0, kSize), 0U) << "this file system keeps its pages: the test shows nothing";
  {
    PoliteReader reader(file_.fd());
    read_to(reader, kSize);
  }

  EXPECT_LT(cached(0, kSize), kMiB);
}

TEST_F(PoliteReaderTest, GivesItBackWhileItReadsOn) {
  PoliteReader reader(file_.fd());

  read_to(reader, kSize - 8 * kMiB);

  // The stretch that is being read and the next one may be there, those behind it may not.
  EXPECT_LT(cached(0, kSize - 24 * kMiB), kMiB);
}

TEST_F(PoliteReaderTest, LeavesWhatWasThere) {
  use(0, kSize);
  ASSERT_EQ(cached(0, kSize), kSize);
  {
    PoliteReader reader(file_.fd());
    read_to(reader, kSize);
  }

  EXPECT_EQ(cached(0, kSize), kSize);
}

TEST_F(PoliteReaderTest, LeavesTheStretchesOfAFileThatWereThere) {
  use(16 * kMiB, 8 * kMiB);
  {
    PoliteReader reader(file_.fd());
    read_to(reader, kSize);
  }

  EXPECT_EQ(cached(16 * kMiB, 8 * kMiB), 8 * kMiB);
  EXPECT_LT(cached(0, 16 * kMiB) + cached(24 * kMiB, 16 * kMiB), kMiB);
}

TEST_F(PoliteReaderTest, AsksForTheNextStretchBeforeItIsWanted) {
  PoliteReader reader(file_.fd());

  read_to(reader, kMiB);
  // Whoever waits for the end of the next stretch has waited for nearly all of it.
  use(16 * kMiB - kPage, kPage);

  EXPECT_GT(cached(8 * kMiB, 8 * kMiB), 6 * kMiB);
  EXPECT_LT(cached(24 * kMiB, 16 * kMiB), kMiB) << "not the whole file";
}

TEST_F(PoliteReaderTest, LeavesNothingBehindWhenItIsGivenUp) {
  {
    PoliteReader reader(file_.fd());
    read_to(reader, 9 * kMiB);
  }

  EXPECT_LT(cached(0, kSize), 9 * kMiB) << "at most the stretch that was asked for";
}

}  // namespace
}  // namespace controller
