// POSIX access control lists in the form the kernel keeps them in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// In the order that the kernel wants them in.
enum class AclTag : std::uint16_t {
  UserObject = 0x01,
  User = 0x02,
  GroupObject = 0x04,
  Group = 0x08,
  Mask = 0x10,
  Other = 0x20,
};

struct AclEntry {
  AclTag tag = AclTag::Other;
  unsigned permissions = 0;  // rwx: 0-7
  std::uint32_t id = 0;      // of User and Group

  friend bool operator==(const AclEntry&, const AclEntry&) = default;
};

using Acl = std::vector<AclEntry>;

/// What the value of system.posix_acl_access or …_default says; absent if it is none of version 2.
std::optional<Acl> acl_from_attribute(std::string_view value);

/// The value to set, its entries put in order.
std::string attribute_from_acl(Acl acl);

}  // namespace controller
