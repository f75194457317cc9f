// M3: an agent of an engine with userns-remap, or of a rootless one, sees other numbers of users
// than the host, and may do less.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "controller/archive/file_descriptor.h"
#include "controller/archive/volume_archive.h"
#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kFirst = 100000;  // what is 0 within, on the host
constexpr uid_t kCount = 65536;

/// A process in a user namespace of its own that says by bytes how far it is.
class RemappedProcess {
 public:
  /// What `work` returns or throws is the text to come.
  template <typename Work>
  explicit RemappedProcess(const Work& work) {
    std::array<int, 2> up{};
    std::array<int, 2> down{};
    if (::pipe2(up.data(), O_CLOEXEC) != 0 || ::pipe2(down.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipes");
    }
    process_ = ::fork();
    if (process_ == 0) {
      const std::string text = text_within(up[1], down[0], work);
      const bool said = ::write(up[1], text.data(), text.size()) >= 0;
      ::_exit(said ? 0 : 1);
    }
    from_ = FileDescriptor(up[0]);
    to_ = FileDescriptor(down[1]);
    ::close(up[1]);
    ::close(down[0]);
  }
  RemappedProcess(const RemappedProcess&) = delete;
  RemappedProcess& operator=(const RemappedProcess&) = delete;
  ~RemappedProcess() {
    to_.reset();
    ::waitpid(process_, nullptr, 0);
  }

  /// Maps its users as the engine does, lets it work, and returns its text.
  std::string text() {
    char byte = 0;
    if (::read(from_.fd(), &byte, 1) != 1 || byte != kUnshared) {
      return "there is no user namespace for these tests, which run as root";
    }
    const std::string map = "0 " + std::to_string(kFirst) + " " + std::to_string(kCount) + "\n";
    const std::string process = "/proc/" + std::to_string(process_);
    write_file(process + "/uid_map", map);
    write_file(process + "/gid_map", map);
    std::string text;
    if (::write(to_.fd(), &byte, 1) == 1) {
      while (::read(from_.fd(), &byte, 1) == 1) {
        text += byte;
      }
    }
    return text;
  }

 private:
  static constexpr char kUnshared = 'u';

  template <typename Work>
  static std::string text_within(int up, int down, const Work& work) {
    char byte = kUnshared;
    if (::unshare(CLONE_NEWUSER) != 0 || ::write(up, &byte, 1) != 1 ||
        ::read(down, &byte, 1) != 1 || ::setgroups(0, nullptr) != 0 || ::setresgid(0, 0, 0) != 0 ||
        ::setresuid(0, 0, 0) != 0) {
      return "cannot become root of a user namespace";
    }
    try {
      return work();
    } catch (const std::exception& error) {
      return std::string("threw: ") + error.what();
    }
  }

  pid_t process_ = -1;
  FileDescriptor from_;
  FileDescriptor to_;
};

class UserNamespaceTest : public testing::Test {
 protected:
  UserNamespaceTest() {
    fs::create_directory(root_);
    fs::create_directory(target_);
    fs::permissions(directory_.path(), fs::perms(0755));
    EXPECT_EQ(::chown(target_.c_str(), kFirst, kFirst), 0);
  }

  /// Archives `root_` as the host does and extracts it as a remapped agent; the warnings, a line
  /// each, or what was thrown.
  std::string restore() {
    ArchiveRequest request;
    request.root = root_;
    request.artifact = artifact_;
    const ArchiveSummary archived = archive_volume(request, {}, {});
    fs::permissions(artifact_, fs::perms(0644));
    return RemappedProcess([&] {
             const auto extracted = extract_volume(
                 {artifact_, target_, archived.content_bytes, archived.entries, 2}, {}, {});
             std::string text;
             for (const auto& warning : extracted.warnings) {
               text += warning.path + ": " + warning.text + "\n";
             }
             return text;
           })
        .text();
  }

  void make_file(const std::string& name, uid_t uid, gid_t gid) {
    write_file(root_ / name, "content of " + name);
    ASSERT_EQ(::chown((root_ / name).c_str(), uid, gid), 0);
  }

  TemporaryDirectory directory_;
  fs::path root_ = directory_ / "root";
  fs::path target_ = directory_ / "target";
  fs::path artifact_ = directory_ / "a.tar.zst";
};

TEST_F(UserNamespaceTest, OwnersAreThoseThatTheContainersSee) {
  make_file("of-root", 0, 0);
  make_file("of-postgres", 999, 998);
  ASSERT_EQ(::chmod((root_ / "of-postgres").c_str(), 04750), 0);

  EXPECT_EQ(restore(), "");

  struct stat status {};
  ASSERT_EQ(::stat((target_ / "of-root").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, kFirst);
  ASSERT_EQ(::stat((target_ / "of-postgres").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, kFirst + 999);
  EXPECT_EQ(status.st_gid, kFirst + 998);
  EXPECT_EQ(status.st_mode & 07777U, 04750U);
  EXPECT_EQ(read_file(target_ / "of-postgres"), "content of of-postgres");
}

TEST_F(UserNamespaceTest, WhatItForbidsIsAWarning) {
  make_file("file", 0, 0);
  ASSERT_EQ(::setxattr((root_ / "file").c_str(), "trusted.x", "v", 1, 0), 0);
  ASSERT_EQ(::mknod((root_ / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);

  EXPECT_EQ(restore(),
            "null: device node not restored\n"
            "file: extended attribute trusted.x not restored\n");

  EXPECT_EQ(read_file(target_ / "file"), "content of file");
}

TEST_F(UserNamespaceTest, AnOwnerItDoesNotHaveIsRefusedByName) {
  make_file("of-nobody", kCount + 1, 0);

  EXPECT_THAT(restore(), testing::HasSubstr("threw: cannot set the owner of of-nobody: user 65537 "
                                            "or group 0 does not exist"));
}

}  // namespace
}  // namespace controller
