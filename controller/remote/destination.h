// Where copies of snapshots go.
#pragma once

#include <cstdint>
#include <string>

#include "controller/remote/secret.h"

namespace controller {

/// How a bucket is named in a URL.  Auto: in the host at Amazon, in the path elsewhere.
enum class BucketStyle { Auto, Path, VirtualHost };

/// One bucket on S3-compatible storage, and how to talk to it.
struct Destination {
  std::string name;      // what the operator calls it
  std::string endpoint;  // "https://host:port"; empty: Amazon's, of the region
  std::string bucket;
  std::string prefix = "cofferdam/";  // of all keys; empty or ending in '/'
  std::string region = "us-east-1";
  std::string access_key_id;
  Secret secret_access_key;
  BucketStyle style = BucketStyle::Auto;
  std::string authorities;      // PEM, in place of the system's; empty: the system's
  std::string storage_class;    // empty: the bucket's
  std::uint64_t bandwidth = 0;  // bytes a second, each way; 0: all there is
  bool upload = false;          // every snapshot is copied there once it is made
};

}  // namespace controller
