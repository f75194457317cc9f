// A bucket by the S3 API.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include "controller/clock.h"
#include "controller/remote/destination.h"
#include "controller/remote/http_client.h"
#include "controller/remote/object_store.h"

namespace controller {

/// How often something that may succeed later is tried, and the longest waits between; each doubles
/// the one before and is shortened by chance, so that many clients do not come back at once.
struct RetryPolicy {
  int attempts = 6;
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds longest{30'000};
};

/// `http` and `clock` must outlive it.  Once `stop` is requested every call throws Interrupted.
/// Throws std::invalid_argument for an endpoint that is no URL.
std::unique_ptr<ObjectStore> open_s3_objects(const Destination& destination, HttpClient& http,
                                             Clock& clock, const RetryPolicy& retries,
                                             std::stop_token stop);

}  // namespace controller
