#include "controller/access/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace controller {

namespace {

constexpr std::size_t kV4 = 4;
constexpr std::size_t kV6 = 16;
constexpr std::size_t kByte = 8;

std::vector<std::uint8_t> bytes_of(const std::string& address) {
  std::vector<std::uint8_t> bytes(kV6);
  if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
    bytes.resize(kV4);
    return bytes;
  }
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) {
    return {};
  }
  const std::vector<std::uint8_t> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
    return {bytes.begin() + static_cast<std::ptrdiff_t>(mapped.size()), bytes.end()};
  }
  return bytes;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  const auto end = text.find_last_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin, end - begin + 1);
}

bool is_any(const std::vector<AddressRange>& ranges, const std::string& address) {
  return std::ranges::any_of(ranges, [&](const auto& range) { return range.contains(address); });
}

}  // namespace

AddressRange::AddressRange(const std::string& text) {
  const auto slash = text.find('/');
  bytes_ = bytes_of(text.substr(0, slash));
  bits_ = bytes_.size() * kByte;
  if (slash != std::string::npos) {
    const auto* const end = text.data() + text.size();
    std::size_t bits = 0;
    const auto [stop, problem] = std::from_chars(text.data() + slash + 1, end, bits);
    if (problem != std::errc() || stop != end || bits > bits_) {
      bytes_.clear();
    }
    bits_ = bits;
  }
  if (bytes_.empty()) {
    throw std::invalid_argument("\"" + text +
                                "\" is no range of addresses; it must be like 10.0.0.0/8");
  }
}

bool AddressRange::contains(const std::string& address) const {
  const auto other = bytes_of(address);
  if (other.size() != bytes_.size()) {
    return false;
  }
  const auto whole = static_cast<std::ptrdiff_t>(bits_ / kByte);
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, other.begin())) {
    return false;
  }
  const auto rest = bits_ % kByte;
  const auto at = static_cast<std::size_t>(whole);
  return rest == 0 || (bytes_[at] >> (kByte - rest)) == (other[at] >> (kByte - rest));
}

std::string client_address(const std::string& peer, std::string_view forwarded_for,
                           const std::vector<AddressRange>& proxies) {
  std::string client = peer;
  while (is_any(proxies, client) && !forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    const std::string next(
        trimmed(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1)));
    if (bytes_of(next).empty()) {
      return client;
    }
    client = next;
    forwarded_for = comma == std::string_view::npos ? "" : forwarded_for.substr(0, comma);
  }
  return client;
}

}  // namespace controller
