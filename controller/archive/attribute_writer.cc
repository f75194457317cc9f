#include "controller/archive/attribute_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>

#include "controller/archive/beneath.h"
#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr mode_t kPermissions = 07777;

// Access times are nobody's data, and reading for the archive may have changed them anyway.
std::array<timespec, 2> times_of(const TreeEntry& entry) {
  return {timespec{0, UTIME_OMIT}, entry.modified};
}

bool not_allowed(int error) {
  return error == EPERM || error == EACCES || error == EOPNOTSUPP || error == EINVAL ||
         error == ERANGE || error == E2BIG;
}

// A user namespace maps a range of numbers, and nothing can belong to one outside of it.
[[noreturn]] void fail_owner(const TreeEntry& entry) {
  if (errno != EINVAL) {
    throw_errno("set the owner of", entry.path);
  }
  throw std::runtime_error("cannot set the owner of " + entry.path + ": user " +
                           std::to_string(entry.uid) + " or group " + std::to_string(entry.gid) +
                           " does not exist in the engine's user namespace. Widen its range in " +
                           "/etc/subuid and /etc/subgid");
}

}  // namespace

// A chown takes capabilities away and a write the setuid bit: so owner, attributes, mode,
// capabilities, times, in this order, when the content is there.
template <typename Set>
void AttributeWriter::set_attributes(const TreeEntry& entry, bool capability, const Set& set) {
  for (const auto& [name, value] : entry.attributes) {
    if ((name == kCapability) == capability && set(name.c_str(), value) != 0) {
      if (!not_allowed(errno)) {
        throw_errno("set the extended attribute " + name + " of", entry.path);
      }
      miss("extended attribute " + name, entry.path);
    }
  }
}

void AttributeWriter::apply(int fd, const TreeEntry& entry) {
  const auto set = [fd](const char* name, const std::string& value) {
    return ::fsetxattr(fd, name, value.data(), value.size(), 0);
  };
  if (::fchown(fd, entry.uid, entry.gid) != 0) {
    fail_owner(entry);
  }
  set_attributes(entry, false, set);
  if (::fchmod(fd, entry.mode & kPermissions) != 0) {
    throw_errno("set the mode of", entry.path);
  }
  set_attributes(entry, true, set);
  set_times(fd, entry);
}

void AttributeWriter::apply_to_new(int fd, const TreeEntry& entry) {
  const bool special = (entry.mode & (S_ISUID | S_ISGID | S_ISVTX)) != 0;
  if (special || !entry.attributes.empty()) {
    apply(fd, entry);
    return;
  }
  const bool own = entry.uid == ::geteuid() && entry.gid == ::getegid();
  if (!own && ::fchown(fd, entry.uid, entry.gid) != 0) {
    fail_owner(entry);
  }
  set_times(fd, entry);
}

void AttributeWriter::set_times(int fd, const TreeEntry& entry) {
  if (::futimens(fd, times_of(entry).data()) != 0) {
    throw_errno("set the times of", entry.path);
  }
}

void AttributeWriter::apply_by_handle(int handle, const TreeEntry& entry) {
  const std::string reachable = "/proc/self/fd/" + std::to_string(handle);
  if (::fchownat(handle, "", entry.uid, entry.gid, AT_EMPTY_PATH) != 0) {
    fail_owner(entry);
  }
  const auto set = [&reachable](const char* name, const std::string& value) {
    return ::setxattr(reachable.c_str(), name, value.data(), value.size(), 0);
  };
  set_attributes(entry, false, set);
  if (::chmod(reachable.c_str(), entry.mode & kPermissions) != 0) {
    throw_errno("set the mode of", entry.path);
  }
  if (::utimensat(AT_FDCWD, reachable.c_str(), times_of(entry).data(), 0) != 0) {
    throw_errno("set the times of", entry.path);
  }
}

void AttributeWriter::apply_to_link(int directory, const std::string& name,
                                    const TreeEntry& entry) {
  if (::fchownat(directory, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0) {
    fail_owner(entry);
  }
  const std::string reachable = path_beneath(directory, name);
  set_attributes(entry, false, [&reachable](const char* attribute, const std::string& value) {
    return ::lsetxattr(reachable.c_str(), attribute, value.data(), value.size(), 0);
  });
  if (::utimensat(directory, name.c_str(), times_of(entry).data(), AT_SYMLINK_NOFOLLOW) != 0) {
    throw_errno("set the times of", entry.path);
  }
}

void AttributeWriter::miss(const std::string& what, const std::string& path) {
  ++missing_.try_emplace(what, path, 0).first->second.second;
}

std::vector<ArchiveWarning> AttributeWriter::warnings() const {
  std::vector<ArchiveWarning> warnings;
  for (const auto& [what, where] : missing_) {
    const auto& [first, count] = where;
    const std::string extent = count > 1 ? " (" + std::to_string(count) + " entries)" : "";
    warnings.push_back({first, what + " not restored" + extent});
  }
  return warnings;
}

}  // namespace controller
