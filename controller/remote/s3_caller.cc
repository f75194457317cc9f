#include "controller/remote/s3_caller.h"

#include <algorithm>
#include <ctime>

#include "controller/archive/sha256.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

/// "20260827T060121Z"
std::string amazon_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::string text(sizeof "20260827T060121Z", '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc));
  return text;
}

}  // namespace

S3Caller::S3Caller(const Destination& destination, HttpClient& http, Clock& clock,
                   const RetryPolicy& retries, std::stop_token stop)
    : key_{destination.access_key_id, destination.secret_access_key, destination.region, "s3"},
      address_(s3_address(destination)),
      http_(http),
      clock_(clock),
      retries_(retries),
      stop_(std::move(stop)) {}

HttpCall S3Caller::signed_call(const S3Call& call) const {
  const auto digest = call.body ? digest_of(*call.body) : Sha256().hex();
  auto headers = call.headers;
  headers["host"] = address_.host;
  headers["x-amz-date"] = amazon_time(clock_.now());
  headers["x-amz-content-sha256"] = digest;
  if (call.body) {
    headers["content-md5"] = call.body->md5_base64;
  }
  const auto path = address_.base + uri_encoded_path(call.key);
  const auto query = canonical_query(call.query);
  headers["authorization"] = authorization({call.method, path, query, headers, digest}, key_);
  return {call.method,
          address_.scheme + "://" + address_.host + path + (query.empty() ? "" : "?" + query),
          headers, call.body ? call.body->bytes : HttpBody{}};
}

std::string S3Caller::digest_of(const ObjectBody& body) const {
  if (!body.sha256.empty()) {
    return body.sha256;
  }
  if (signs_bodies()) {
    throw std::logic_error("a body without its SHA-256 is not sent without TLS");
  }
  return "UNSIGNED-PAYLOAD";
}

void S3Caller::wait(int attempt) {
  constexpr std::chrono::milliseconds kSlice{200};
  auto longest = retries_.first;
  for (int i = 1; i < attempt && longest < retries_.longest; ++i) {
    longest *= 2;
  }
  longest = std::min(longest, retries_.longest);
  std::uniform_int_distribution<std::chrono::milliseconds::rep> spread(longest.count() / 2,
                                                                       longest.count());
  std::chrono::milliseconds left(spread(chance_));
  while (left.count() > 0 && !stop_.stop_requested()) {
    const auto slice = std::min(left, kSlice);
    clock_.sleep(slice);
    left -= slice;
  }
}

std::optional<S3Failure> S3Caller::attempt(const S3Call& call, HttpAnswer& answer) {
  try {
    answer = http_.exchange(signed_call(call), stop_);
  } catch (const NoAnswer& error) {
    if (error.retry() == NoAnswer::Retry::Useless) {
      throw DestinationUnreachable("cannot " + call.what + ": " + error.what());
    }
    return S3Failure{S3Failure::Kind::Later, error.what()};
  }
  auto failure = s3_failure(answer, call.root, clock_.now());
  if (!failure && !call.required_header.empty() && !answer.headers.contains(call.required_header)) {
    return S3Failure{S3Failure::Kind::Later, "the answer is not one of S3 storage"};
  }
  if (!failure && call.bytes && answer.body.size() != *call.bytes) {
    return S3Failure{S3Failure::Kind::Later, "it answered " + std::to_string(answer.body.size()) +
                                                 " bytes, not " + std::to_string(*call.bytes)};
  }
  return failure;
}

HttpAnswer S3Caller::perform(const S3Call& call) {
  for (int count = 1;; ++count) {
    if (stop_.stop_requested()) {
      throw Interrupted("cancelled");
    }
    HttpAnswer answer;
    const auto failure = attempt(call, answer);
    if (!failure) {
      return answer;
    }
    if (failure->kind != S3Failure::Kind::Later || count >= retries_.attempts) {
      throw_failure(*failure, call.what);
    }
    wait(count);
  }
}

}  // namespace controller
