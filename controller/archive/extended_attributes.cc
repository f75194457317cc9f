#include "controller/archive/extended_attributes.h"

#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>

#include "controller/archive/beneath.h"
#include "controller/archive/system_call.h"

namespace controller {
namespace {

// The kernel's own limits: a list of names and a value fit into 64 KiB each.
constexpr std::size_t kLimit = 65536;

// `list` and `get` are the two calls, bound to the file.
template <typename List, typename Get>
ExtendedAttributes read_all(const List& list, const Get& get, const std::string& path) {
  std::array<char, 256> few;  // NOLINT(cppcoreguidelines-pro-type-member-init): hot, written first
  std::string many;
  std::string_view names;
  ssize_t size = list(few.data(), few.size());
  if (size < 0 && errno == ERANGE) {
    many.resize(kLimit);
    size = list(many.data(), many.size());
    names = many;
  } else {
    names = {few.data(), few.size()};
  }
  if (size < 0) {
    if (errno == EOPNOTSUPP || errno == ENOSYS || errno == ENOENT) {
      return {};
    }
    throw_errno("list the extended attributes of", path);
  }
  names = names.substr(0, static_cast<std::size_t>(size));

  ExtendedAttributes attributes;
  std::string value;
  while (!names.empty()) {
    const std::string name(names.substr(0, names.find('\0')));
    names.remove_prefix(name.size() + 1);
    value.resize(kLimit);
    const ssize_t length = get(name.c_str(), value.data(), value.size());
    if (length >= 0) {
      attributes.emplace_back(name, value.substr(0, static_cast<std::size_t>(length)));
    } else if (errno != ENODATA && errno != ENOENT) {  // gone since it was listed
      throw_errno("read the extended attribute " + name + " of", path);
    }
  }
  return attributes;
}

}  // namespace

ExtendedAttributes extended_attributes_of(int fd, const std::string& path) {
  return read_all([fd](char* names, std::size_t size) { return ::flistxattr(fd, names, size); },
                  [fd](const char* name, char* value, std::size_t size) {
                    return ::fgetxattr(fd, name, value, size);
                  },
                  path);
}

ExtendedAttributes extended_attributes_of(int directory, const std::string& name,
                                          const std::string& path) {
  const std::string reachable = path_beneath(directory, name);
  return read_all(
      [&reachable](char* names, std::size_t size) {
        return ::llistxattr(reachable.c_str(), names, size);
      },
      [&reachable](const char* attribute, char* value, std::size_t size) {
        return ::lgetxattr(reachable.c_str(), attribute, value, size);
      },
      path);
}

}  // namespace controller
