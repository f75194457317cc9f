// The URL of an object.
#pragma once

#include <string>

#include "controller/remote/destination.h"

namespace controller {

struct S3Address {
  std::string scheme;  // "https"
  std::string host;    // with its port, unless it is the scheme's own
  std::string base;    // encoded path before the key, ends in '/'

  friend bool operator==(const S3Address&, const S3Address&) = default;
};

/// Throws std::invalid_argument for an endpoint that is no http or https URL.
S3Address s3_address(const Destination& destination);

}  // namespace controller
