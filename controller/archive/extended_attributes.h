// Extended attributes of a file.  POSIX ACLs and capabilities are extended attributes too.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace controller {

/// Name and value, in the order the file system lists them.
using ExtendedAttributes = std::vector<std::pair<std::string, std::string>>;

inline constexpr const char* kAccessAcl = "system.posix_acl_access";
inline constexpr const char* kDefaultAcl = "system.posix_acl_default";
inline constexpr const char* kCapability = "security.capability";

/// Of an open file or directory.  None where the file system has none.  Throws std::system_error
/// naming `path`.
ExtendedAttributes extended_attributes_of(int fd, const std::string& path);

/// Of `name` in `directory`, itself and not what it points to; none if it is gone.
ExtendedAttributes extended_attributes_of(int directory, const std::string& name,
                                          const std::string& path);

}  // namespace controller
