#include "tests/controller/archive/tree_fingerprint.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace controller {
namespace {

std::string hex(const std::string& bytes) {
  static constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

// FNV-1a over all bytes of data and where they are.  Stretches of zeros and holes are the same.
std::uint64_t content_hash(int fd, off_t size) {
  std::uint64_t hash = 1469598103934665603U;
  std::vector<char> bytes(1U << 20U);
  off_t at = ::lseek(fd, 0, SEEK_DATA);
  while (at >= 0 && at < size) {
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), at);
    for (ssize_t i = 0; i < got; ++i) {
      if (bytes[static_cast<std::size_t>(i)] != 0) {
        hash = (hash ^ static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)])) *
               1099511628211U;
        hash = (hash ^ static_cast<std::uint64_t>(at + i)) * 1099511628211U;
      }
    }
    at = got > 0 ? ::lseek(fd, at + got, SEEK_DATA) : -1;
  }
  return hash;
}

std::string attributes(const std::string& reachable) {
  std::array<char, 65536> names{};
  const ssize_t size = ::llistxattr(reachable.c_str(), names.data(), names.size());
  std::set<std::string> found;
  for (ssize_t at = 0; at < size;) {
    const std::string name(names.data() + at);
    std::string value(65536, '\0');
    const ssize_t length = ::lgetxattr(reachable.c_str(), name.c_str(), value.data(), value.size());
    value.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    found.insert(" " + name + "=" + hex(value));
    at += static_cast<ssize_t>(name.size()) + 1;
  }
  std::string text;
  for (const auto& attribute : found) {
    text += attribute;
  }
  return text;
}

class Look {
 public:
  TreeFingerprint run(const std::filesystem::path& root) {
    const int fd = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
      throw std::runtime_error("cannot open " + root.string());
    }
    add(fd, ".", ".");
    descend(fd, "");
    return std::move(found_);
  }

 private:
  // Closes `fd`.
  void descend(int fd, const std::string& prefix) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(fd), ::closedir);
    std::set<std::string> names;
    while (const dirent64* const entry = ::readdir64(directory.get())) {
      names.insert(entry->d_name);
    }
    for (const auto& name : names) {
      if (name != "." && name != "..") {
        add(fd, name, prefix + name);
      }
    }
    for (const auto& name : names) {
      if (name != "." && name != "..") {
        const int below =
            ::openat(fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0) {
          descend(below, prefix + name + "/");
        }
      }
    }
  }

  void add(int fd, const std::string& name, const std::string& path) {
    struct stat status {};
    if (::fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      throw std::runtime_error("cannot inspect " + path);
    }
    const std::string reachable = "/proc/self/fd/" + std::to_string(fd) + "/" + name;
    std::string text = "mode " + std::to_string(status.st_mode) + " uid " +
                       std::to_string(status.st_uid) + " gid " + std::to_string(status.st_gid) +
                       " time " + std::to_string(status.st_mtim.tv_sec) + "." +
                       std::to_string(status.st_mtim.tv_nsec) + attributes(reachable);
    if (!S_ISDIR(status.st_mode)) {
      const auto known =
          first_names_.try_emplace({status.st_dev, status.st_ino}, path).first->second;
      text += " links " + std::to_string(status.st_nlink) + " same as " + known;
    }
    if (S_ISREG(status.st_mode)) {
      const int file = ::openat(fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
      text += " size " + std::to_string(status.st_size) + " content " +
              std::to_string(content_hash(file, status.st_size)) +
              (status.st_blocks * 512 < status.st_size / 2 ? " sparse" : "");
      ::close(file);
    } else if (S_ISLNK(status.st_mode)) {
      std::string target(static_cast<std::size_t>(status.st_size) + 1, '\0');
      target.resize(
          static_cast<std::size_t>(::readlinkat(fd, name.c_str(), target.data(), target.size())));
      text += " to " + target;
    } else if (!S_ISDIR(status.st_mode)) {
      text += " device " + std::to_string(status.st_rdev);
    }
    found_[path] = text;
  }

  TreeFingerprint found_;
  std::map<std::pair<dev_t, ino_t>, std::string> first_names_;
};

}  // namespace

TreeFingerprint fingerprint(const std::filesystem::path& root) {
  return Look().run(root);
}

std::string difference(const TreeFingerprint& expected, const TreeFingerprint& actual) {
  std::string text;
  for (const auto& [path, what] : expected) {
    const auto found = actual.find(path);
    if (found == actual.end()) {
      text += "missing: " + path.substr(0, 200) + "\n";
    } else if (found->second != what) {
      text += path.substr(0, 200) + "\n  expected " + what + "\n  found    " + found->second + "\n";
    }
  }
  for (const auto& [path, what] : actual) {
    if (!expected.contains(path)) {
      text += "extra: " + path.substr(0, 200) + "\n";
    }
  }
  return text;
}

}  // namespace controller
