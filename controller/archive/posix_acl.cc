#include "controller/archive/posix_acl.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace controller {
namespace {

// Little-endian: u32 version, then per entry u16 tag, u16 permissions, u32 id.
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kHeader = 4;
constexpr std::size_t kEntry = 8;
constexpr std::uint32_t kNobody = 0xFFFFFFFF;  // the id of entries that have none

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

void append(std::string& bytes, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  }
}

bool has_id(AclTag tag) {
  return tag == AclTag::User || tag == AclTag::Group;
}

}  // namespace

std::optional<Acl> acl_from_attribute(std::string_view value) {
  if (value.size() < kHeader || (value.size() - kHeader) % kEntry != 0 ||
      number(value.substr(0, kHeader)) != kVersion) {
    return std::nullopt;
  }
  Acl acl;
  for (value.remove_prefix(kHeader); !value.empty(); value.remove_prefix(kEntry)) {
    const auto tag = static_cast<AclTag>(number(value.substr(0, 2)));
    const std::uint32_t id = number(value.substr(4, 4));
    acl.push_back({tag, number(value.substr(2, 2)), has_id(tag) ? id : 0});
  }
  return acl;
}

std::string attribute_from_acl(Acl acl) {
  std::sort(acl.begin(), acl.end(), [](const AclEntry& left, const AclEntry& right) {
    return std::tie(left.tag, left.id) < std::tie(right.tag, right.id);
  });
  std::string value;
  append(value, kVersion, kHeader);
  for (const auto& entry : acl) {
    append(value, static_cast<std::uint32_t>(entry.tag), 2);
    append(value, entry.permissions, 2);
    append(value, has_id(entry.tag) ? entry.id : kNobody, 4);
  }
  return value;
}

}  // namespace controller
