// One request of the S3 API: signed, sent, and sent again where that can help.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "controller/clock.h"
#include "controller/remote/destination.h"
#include "controller/remote/http_client.h"
#include "controller/remote/object_store.h"
#include "controller/remote/s3_address.h"
#include "controller/remote/s3_failure.h"
#include "controller/remote/s3_objects.h"
#include "controller/remote/sigv4.h"

namespace controller {

struct S3Call {
  std::string what;  // "list the bucket", for messages
  std::string method;
  std::string key;
  std::vector<std::pair<std::string, std::string>> query = {};
  std::map<std::string, std::string> headers = {};
  const ObjectBody* body = nullptr;
  std::string root = {};                    // of the XML that a success answers
  std::string required_header = {};         // without it an answer is not one of S3 storage
  std::optional<std::uint64_t> bytes = {};  // what the answer's body must have
};

class S3Caller {
 public:
  /// `http` and `clock` must outlive it.  Throws std::invalid_argument for an endpoint that is no
  /// URL.
  S3Caller(const Destination& destination, HttpClient& http, Clock& clock,
           const RetryPolicy& retries, std::stop_token stop);

  [[nodiscard]] bool signs_bodies() const { return address_.scheme != "https"; }

  /// The answer, a success.  Throws RemoteError or one of its kinds, Interrupted.
  HttpAnswer perform(const S3Call& call);

 private:
  [[nodiscard]] std::string digest_of(const ObjectBody& body) const;
  [[nodiscard]] HttpCall signed_call(const S3Call& call) const;
  std::optional<S3Failure> attempt(const S3Call& call, HttpAnswer& answer);
  void wait(int attempt);

  SigningKey key_;
  S3Address address_;
  HttpClient& http_;
  Clock& clock_;
  RetryPolicy retries_;
  std::stop_token stop_;
  std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace controller
