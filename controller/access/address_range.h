// Addresses of proxies that are trusted, and whom they speak for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// "10.0.0.0/8", "fd00::/8", "192.0.2.1".
class AddressRange {
 public:
  /// Throws std::invalid_argument.
  explicit AddressRange(const std::string& text);

  /// False for what is no address.  An IPv4 address mapped into IPv6 is the IPv4 address.
  [[nodiscard]] bool contains(const std::string& address) const;

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t bits_ = 0;
};

/// Who asks: `peer`, unless it is a trusted proxy; then the last in `forwarded_for` that is none.
std::string client_address(const std::string& peer, std::string_view forwarded_for,
                           const std::vector<AddressRange>& proxies);

}  // namespace controller
