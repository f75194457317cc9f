#include "controller/notify/address_rule.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace controller {

namespace {

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

bool is_risky(const V4& ip) {
  constexpr V4 kAlibabaMetadata = {100, 100, 100, 200};
  return ip[0] == 0 || ip[0] == 127 || ip[0] >= 224 || (ip[0] == 169 && ip[1] == 254) ||
         ip == kAlibabaMetadata;
}

template <std::size_t N>
bool begins_with(const V6& ip, const std::array<std::uint8_t, N>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), ip.begin());
}

/// IPv4 addresses are embedded in these at their end.
bool embeds_v4(const V6& ip) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<std::uint8_t, 12> kCompatible = {};
  constexpr std::array<std::uint8_t, 12> kTranslated = {0, 0x64, 0xFF, 0x9B};
  return begins_with(ip, kMapped) || begins_with(ip, kCompatible) || begins_with(ip, kTranslated);
}

bool is_risky(const V6& ip) {
  constexpr std::array<std::uint8_t, 6> kAmazonMetadata = {0xFD, 0x00, 0x0E, 0xC2, 0, 0};
  if (embeds_v4(ip)) {
    return is_risky(V4{ip[12], ip[13], ip[14], ip[15]});  // ::1 and :: too: 0.0.0.x
  }
  const bool link_local = ip[0] == 0xFE && (ip[1] & 0xC0U) == 0x80;
  return ip[0] == 0xFF || link_local || begins_with(ip, kAmazonMetadata);
}

}  // namespace

bool is_risky_address(const std::string& numeric) {
  const auto plain = numeric.substr(0, numeric.find('%'));  // without the interface
  V4 four{};
  V6 six{};
  if (inet_pton(AF_INET, plain.c_str(), four.data()) == 1) {
    return is_risky(four);
  }
  return inet_pton(AF_INET6, plain.c_str(), six.data()) != 1 || is_risky(six);
}

}  // namespace controller
