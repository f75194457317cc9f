// HTTP by libcurl.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "controller/remote/address_gate.h"
#include "controller/remote/http_client.h"

namespace controller {

struct TransferLimits {
  std::chrono::seconds connect{15};
  std::chrono::seconds stall{60};  // without a byte a second
  std::uint64_t bandwidth = 0;     // bytes a second, each way; 0: all there is
  std::chrono::seconds whole{0};   // for all of an exchange; 0: as long as bytes come
  AddressRule permits = {};        // empty: any address
};

/// For one thread at a time; connections are kept between calls.  `authorities` is PEM text, empty
/// for the system's.  Redirects are answers like others.
std::unique_ptr<HttpClient> make_curl_client(const std::string& authorities,
                                             const TransferLimits& limits);

}  // namespace controller
