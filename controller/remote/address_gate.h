// Which addresses libcurl may connect to.
#pragma once

#include <functional>
#include <string>

namespace controller {

/// Whether a connection to that numeric address ("10.0.0.7", "fe80::1") may be made.
using AddressRule = std::function<bool(const std::string& address)>;

/// Asked with the address that is connected to, after all look-ups: a name that resolves to
/// something else at the second time gains nothing.
class AddressGate {
 public:
  /// An empty rule lets everything through.
  explicit AddressGate(AddressRule permits) : permits_(std::move(permits)) {}
  AddressGate(const AddressGate&) = delete;
  AddressGate& operator=(const AddressGate&) = delete;

  /// Makes a libcurl handle ask this object, which has to outlive the transfer.  With a rule,
  /// proxies are not used: what they connect to cannot be seen from here.
  void guard(void* curl);

  /// The last address that was refused since guard(); empty: none.
  [[nodiscard]] const std::string& refused() const { return refused_; }

  /// Notes a refusal.
  bool admits(const std::string& address);

 private:
  AddressRule permits_;
  std::string refused_;
};

}  // namespace controller
