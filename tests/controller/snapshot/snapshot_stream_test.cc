#include "controller/snapshot/snapshot_stream.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "controller/archive/artifact.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/written_snapshot.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class SnapshotStreamTest : public testing::Test {
 protected:
  SnapshotStreamTest() {
    store_ = open_directory_store(folder_.path() / "store");
    manifest_ = write_snapshot(*store_, "saved");
    directory_ = store_->directory("saved");
    file_ = manifest_.definition.front().path;
  }

  [[nodiscard]] std::string read(const std::string& path) const {
    return contents(directory_ / path);
  }

  static std::string sent(const SnapshotStream& stream, std::uint64_t offset,
                          std::uint64_t length) {
    std::string bytes;
    EXPECT_TRUE(stream.send(offset, length, [&](std::string_view more) {
      bytes += more;
      return true;
    }));
    return bytes;
  }

  static std::string whole(const SnapshotStream& stream) { return sent(stream, 0, stream.bytes()); }

  TemporaryDirectory folder_;
  std::unique_ptr<SnapshotStore> store_;
  Manifest manifest_;
  fs::path directory_;
  std::string file_;
};

TEST_F(SnapshotStreamTest, AFileIsItsBytes) {
  const auto stream = SnapshotStream::of_file(directory_, file_);
  EXPECT_EQ(whole(stream), read(file_));
  EXPECT_EQ(stream.digest(), manifest_.definition.front().sha256);
  EXPECT_EQ(whole(SnapshotStream::of_file(directory_, "manifest.json")), read("manifest.json"));
  EXPECT_EQ(whole(SnapshotStream::of_file(directory_, "RECOVERY.txt")), read("RECOVERY.txt"));
}

TEST_F(SnapshotStreamTest, WhatTheManifestDoesNotKnowIsNoFile) {
  std::ofstream(directory_ / "more") << "x";
  for (const char* path : {"more", "../saved/manifest.json", "", "/etc/passwd"}) {
    EXPECT_THROW(SnapshotStream::of_file(directory_, path), std::out_of_range) << path;
  }
}

TEST_F(SnapshotStreamTest, AllIsATarThatTarUnpacks) {
  const auto tar = whole(SnapshotStream::of_all(directory_));
  const auto path = folder_.path() / "all.tar";
  std::ofstream(path, std::ios::binary) << tar;
  const auto command = "tar -C " + folder_.path().string() + " -xf " + path.string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(contents(folder_.path() / "saved" / file_), read(file_));
  auto moved = open_directory_store(folder_.path());
  EXPECT_EQ(moved->manifest("saved"), store_->manifest("saved"));
}

TEST_F(SnapshotStreamTest, EveryPartIsThatOfTheWhole) {
  const auto stream = SnapshotStream::of_all(directory_);
  const auto all = whole(stream);
  ASSERT_EQ(all.size(), stream.bytes());
  EXPECT_EQ(all.size() % 512, 0U);
  for (std::uint64_t offset = 0; offset < all.size(); offset += 97) {
    for (const std::uint64_t length : {1U, 300U, 2000U}) {
      if (offset + length <= all.size()) {
        ASSERT_EQ(sent(stream, offset, length), all.substr(offset, length)) << offset;
      }
    }
  }
}

TEST_F(SnapshotStreamTest, AChangedFileNeverComesToItsEnd) {
  const auto stream = SnapshotStream::of_all(directory_);
  auto changed = read(file_);
  changed.back() ^= 1;
  std::ofstream(directory_ / file_, std::ios::binary) << changed;
  std::string bytes;
  const auto keep = [&](std::string_view more) {
    bytes += more;
    return true;
  };
  EXPECT_THROW((void)stream.send(0, stream.bytes(), keep), IntegrityError);
  EXPECT_EQ(bytes.find(changed.substr(changed.size() - 4)), std::string::npos);
  const auto file = SnapshotStream::of_file(directory_, file_);
  EXPECT_THROW((void)file.send(file.bytes() - 1, 1, keep), IntegrityError) << "gone on with";
  std::ofstream(directory_ / file_, std::ios::binary) << "shorter";
  EXPECT_THROW((void)stream.send(0, stream.bytes(), keep), IntegrityError);
}

TEST_F(SnapshotStreamTest, EndsWhenNobodyReads) {
  const auto stream = SnapshotStream::of_all(directory_);
  EXPECT_FALSE(stream.send(0, stream.bytes(), [](std::string_view) { return false; }));
}

TEST_F(SnapshotStreamTest, ACorruptSnapshotIsRefused) {
  std::ofstream(directory_ / "manifest.json") << "{";
  EXPECT_THROW(SnapshotStream::of_all(directory_), FormatError);
}

}  // namespace
}  // namespace controller
