#include "tests/controller/archive/torture_tree.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

void require(bool done, const std::string& what) {
  if (!done) {
    throw std::runtime_error("cannot make the torture tree: " + what + ": " + std::strerror(errno));
  }
}

void set_time(const fs::path& path, long seconds, long nanoseconds) {
  const std::array<timespec, 2> times{timespec{0, UTIME_NOW}, timespec{seconds, nanoseconds}};
  require(::utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0,
          "time of " + path.string());
}

void set_attribute(const fs::path& path, const char* name, const std::string& value) {
  require(::lsetxattr(path.c_str(), name, value.data(), value.size(), 0) == 0, name);
}

void make_links(const fs::path& root) {
  fs::create_directories(root / "links/far/away");
  write_file(root / "links/one", "shared content");
  fs::create_hard_link(root / "links/one", root / "links/two");
  fs::create_hard_link(root / "links/one", root / "links/far/away/three");
  fs::create_hard_link(root / "links/one", root / "aaa-sorts-first");
  fs::create_symlink("one", root / "links/relative");
  fs::create_symlink("../../../etc/passwd", root / "links/out");
  fs::create_symlink("/nonexistent/\xFF", root / "links/dangling");
  fs::create_symlink(std::string(4000, 'x'), root / "links/long");
  require(::linkat(AT_FDCWD, (root / "links/out").c_str(), AT_FDCWD,
                   (root / "links/out-again").c_str(), 0) == 0,
          "hard link to a symbolic link");
  require(::lchown((root / "links/relative").c_str(), 12, 34) == 0, "owner of a link");
  set_time(root / "links/relative", 1'000'000'000, 42);
}

void make_sparse(const fs::path& root) {
  const std::string path = (root / "sparse").string();
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  require(::ftruncate(file, 1LL << 40) == 0, "1 TB");
  for (const off_t at : {0LL, 1LL << 20, (1LL << 30) + 123, 1LL << 39}) {
    require(::pwrite(file, "data", 4, at) == 4, "write");
  }
  ::close(file);
  fs::resize_file((write_file(root / "all-hole", ""), root / "all-hole"), 10'000'000);
  write_file(root / "tail-hole", "data");
  fs::resize_file(root / "tail-hole", 50'000'000);
}

void make_special(const fs::path& root) {
  require(::mkfifo((root / "fifo").c_str(), 0640) == 0, "fifo");
  require(::mknod((root / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0, "chr");
  require(::mknod((root / "block").c_str(), S_IFBLK | 0660, makedev(4095, 1'000'000)) == 0, "blk");
  require(::chown((root / "fifo").c_str(), 5, 6) == 0, "owner");
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = (root / "socket").string();
  name.copy(address.sun_path, sizeof(address.sun_path) - 1);
  require(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0,
          "socket");
  ::close(socket);
}

void make_modes(const fs::path& root) {
  for (const mode_t mode : {0U, 0400U, 0644U, 04755U, 02755U, 06711U, 01777U, 07777U}) {
    const fs::path path = root / ("mode-" + std::to_string(mode));
    write_file(path, "x");
    require(::chown(path.c_str(), 1000, 2000) == 0, "owner");
    require(::chmod(path.c_str(), mode) == 0, "mode");
    fs::create_directory(path.string() + "-directory");
    write_file(path.string() + "-directory/inside", "y");
    require(::chown((path.string() + "-directory").c_str(), 1000, 2000) == 0, "owner");
    require(::chmod((path.string() + "-directory").c_str(), mode) == 0, "mode");
  }
  write_file(root / "huge-owner", "x");
  require(::chown((root / "huge-owner").c_str(), 2'000'000'000, 2'000'000'001) == 0, "owner");
}

void make_attributes(const fs::path& root) {
  write_file(root / "attributes", "x");
  set_attribute(root / "attributes", "user.empty", "");
  set_attribute(root / "attributes", "user.binary", std::string("\0\xFF\n=%", 5));
  set_attribute(root / "attributes", "user.large", std::string(3000, 'v'));
  write_file(root / "capable", "x");
  require(::chown((root / "capable").c_str(), 7, 8) == 0, "owner");
  // Version 2, effective; cap_net_bind_service permitted.
  set_attribute(root / "capable", "security.capability",
                std::string("\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20));
  write_file(root / "access-list", "x");
  set_attribute(root / "access-list", "system.posix_acl_access", acl_with_names(5));
  fs::create_directory(root / "default-list");
  set_attribute(root / "default-list", "system.posix_acl_default", acl_with_names(7));
  write_file(root / "default-list/inherited", "x");
  fs::create_directory(root / "default-list/below");
  write_file(root / "default-list/plain", "x");
  ::lremovexattr((root / "default-list/plain").c_str(), "system.posix_acl_access");
  set_attribute(root / "default-list", "user.of-directory", "d");
}

void make_names(const fs::path& root) {
  fs::create_directory(root / "names");
  for (const std::string& name :
       {std::string("caf\xE9"), std::string("caf\xC3\xA9"), std::string("cafe\xCC\x81"),
        std::string("\xFF\xFE"), std::string(" "), std::string("new\nline"), std::string("-rf"),
        std::string("back\\slash"), std::string("..."), std::string("a=b"), std::string("100%"),
        std::string("\x01\x7F"), std::string(255, 'n'), std::string(255, '\xE9')}) {
    write_file(root / "names" / name, name);
  }
  fs::create_directory(root / "names/caf\xE9-directory");
  write_file(root / "names/caf\xE9-directory/in", "x");
  fs::create_hard_link(root / "names/caf\xE9", root / "names/caf\xE9-linked");
  fs::create_symlink("caf\xE9", root / "names/to-caf\xE9");
}

// 5,600 bytes of path: twice beyond what one system call takes, step by step.
void make_depth(const fs::path& root) {
  int at = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::string name = "deep";
  for (int level = 0; level < 700; ++level) {
    require(::mkdirat(at, name.c_str(), 0755) == 0, "depth");
    const int below = ::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ::close(at);
    at = below;
    name = "level" + std::to_string(level % 100);
  }
  const int file = ::openat(at, "bottom", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  require(::write(file, "deep", 4) == 4, "bottom");
  ::close(file);
  require(::symlinkat("bottom", at, "link") == 0, "link at the bottom");
  require(::linkat(at, "bottom", at, "same", 0) == 0, "hard link at the bottom");
  ::close(at);
}

void make_times(const fs::path& root) {
  fs::create_directories(root / "times/directory");
  for (const long seconds :
       {-1'000'000'000L, -2L, 0L, 1L, 0x7FFFFFFFL, 0x80000000L, 10'413'792'000L /* 2300 */}) {
    const fs::path path = root / "times" / std::to_string(seconds);
    write_file(path, "x");
    set_time(path, seconds, 123'456'789);
  }
  write_file(root / "times/last-of-1969", "x");
  set_time(root / "times/last-of-1969", -1, 0);
  set_time(root / "times/directory", 981'173'106, 1);
}

}  // namespace

std::string acl_with_names(unsigned mask) {
  std::string value("\x02\0\0\0", 4);
  const auto add = [&value](unsigned tag, unsigned permissions, std::uint32_t id) {
    value += static_cast<char>(tag);
    value += '\0';
    value += static_cast<char>(permissions);
    value += '\0';
    for (unsigned i = 0; i < 4; ++i) {
      value += static_cast<char>(id >> (8 * i) & 0xFFU);
    }
  };
  add(0x01, 6, 0xFFFFFFFF);
  add(0x02, 6, 1234);
  add(0x04, 4, 0xFFFFFFFF);
  add(0x08, 5, 4321);
  add(0x10, mask, 0xFFFFFFFF);
  add(0x20, 0, 0xFFFFFFFF);
  return value;
}

void make_torture_tree(const fs::path& root) {
  make_links(root);
  make_sparse(root);
  make_special(root);
  make_modes(root);
  make_attributes(root);
  make_names(root);
  make_depth(root);
  fs::create_directories(root / "many");
  for (int i = 0; i < 10'000; ++i) {
    write_file(root / "many" / std::to_string(i), "");
  }
  fs::create_directories(root / "empty/also-empty");
  write_file(root / "file-without-content", "");
  write_file(root / "two-frames", std::string(9'000'000, 'z'));
  make_times(root);
  require(::chown(root.c_str(), 999, 999) == 0, "owner of the root");
  require(::chmod(root.c_str(), 0700) == 0, "mode of the root");
  set_attribute(root, "user.of-root", "r");
  set_time(root, 1'234'567'890, 987'654'321);
}

}  // namespace controller
