#include "tests/fakes/memory_s3.h"

#include <string_view>

namespace fakes {

using controller::HttpAnswer;
using controller::HttpCall;
using controller::NoAnswer;

namespace {

constexpr std::string_view kBucket = "/shop/";

std::string body_of(const HttpCall& call) {
  std::string body(call.body.size, '\0');
  if (!body.empty()) {
    body.resize(call.body.read(0, body.data(), body.size()));
  }
  return body;
}

/// The value of a parameter; keys in these tests need no decoding but that of '/'.
std::string parameter(const std::string& query, const std::string& name) {
  const auto start = ("&" + query).find("&" + name + "=");
  if (start == std::string::npos) {
    return "";
  }
  auto value = query.substr(start + name.size() + 1);
  value.resize(std::min(value.size(), value.find('&')));
  for (auto at = value.find("%2F"); at != std::string::npos; at = value.find("%2F")) {
    value.replace(at, 3, "/");
  }
  return value;
}

HttpAnswer found(const std::string& body, bool with_body) {
  return {200,
          {{"etag", "\"1\""}, {"content-length", std::to_string(body.size())}},
          with_body ? body : ""};
}

}  // namespace

HttpAnswer s3_error(int status, const std::string& code) {
  return {status, {}, "<Error><Code>" + code + "</Code><Message>no</Message></Error>"};
}

void MemoryS3::lose(int n, When when, int times) {
  lost_ = count() + n;
  times_ = times;
  when_ = when;
}

HttpAnswer MemoryS3::exchange(const HttpCall& call, const std::stop_token&) {
  calls.push_back(call);
  const bool lost = count() >= lost_ && count() < lost_ + times_;
  if (lost && when_ == When::Before) {
    throw NoAnswer("connection reset", NoAnswer::Retry::Sensible);
  }
  auto other = instead(call);
  auto answer = other ? *other : carry_out(call);
  if (lost) {
    throw NoAnswer("connection reset", NoAnswer::Retry::Sensible);
  }
  return answer;
}

HttpAnswer MemoryS3::carry_out(const HttpCall& call) {
  const auto start = call.url.find(kBucket);
  if (start == std::string::npos) {
    return s3_error(404, "NoSuchBucket");
  }
  const auto rest = call.url.substr(start + kBucket.size());
  const auto key = rest.substr(0, rest.find('?'));
  if (key.empty()) {
    return listing(rest.substr(rest.find('?') + 1));
  }
  if (call.method == "PUT") {
    objects[key] = body_of(call);
    return {200, {{"etag", "\"1\""}}, ""};
  }
  if (!objects.contains(key)) {
    return call.method == "HEAD" ? HttpAnswer{404, {}, ""} : s3_error(404, "NoSuchKey");
  }
  if (call.method == "DELETE") {
    objects.erase(key);
    return {204, {}, ""};
  }
  return found(objects[key], call.method == "GET");
}

HttpAnswer MemoryS3::listing(const std::string& query) const {
  constexpr int kPage = 2;
  const auto prefix = parameter(query, "prefix");
  std::string text;
  std::string next;
  int listed = 0;
  for (auto at = objects.upper_bound(parameter(query, "continuation-token")); at != objects.end();
       ++at) {
    if (!at->first.starts_with(prefix)) {
      continue;
    }
    if (listed == kPage) {
      text += "<IsTruncated>true</IsTruncated><NextContinuationToken>" + next +
              "</NextContinuationToken>";
      break;
    }
    next = at->first;
    ++listed;
    text += "<Contents><Key>" + at->first + "</Key><Size>" + std::to_string(at->second.size()) +
            "</Size></Contents>";
  }
  return {200, {}, "<ListBucketResult>" + text + "</ListBucketResult>"};
}

}  // namespace fakes
