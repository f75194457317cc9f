#include "controller/remote/s3_objects.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "controller/archive/sha256.h"
#include "controller/archive/volume_archive.h"
#include "controller/remote/s3_address.h"
#include "controller/remote/s3_failure.h"
#include "controller/remote/sigv4.h"
#include "controller/remote/xml_answer.h"

namespace controller {
namespace {

struct S3Call {
  std::string what;  // "list the bucket", for messages
  std::string method;
  std::string key;
  std::vector<std::pair<std::string, std::string>> query = {};
  std::map<std::string, std::string> headers = {};
  const ObjectBody* body = nullptr;
  std::string root = {};             // of the XML that a success answers
  std::string required_header = {};  // without it an answer is not one of S3 storage
};

/// "20260827T060121Z"
std::string amazon_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::string text(sizeof "20260827T060121Z", '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc));
  return text;
}

std::uint64_t number_of(const std::string& text, const std::string& what) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) {
    throw RemoteError("cannot " + what + ": the destination names \"" + text + "\" as a size");
  }
  return value;
}

std::string unquoted(std::string text) {
  std::erase(text, '"');
  return text;
}

/// What `encoding-type=url` did.
std::string decoded(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const bool escape =
        text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(&text[at + 1], &text[at] + 3, byte, 16).ptr == &text[at] + 3;
    result += escape ? static_cast<char>(byte) : text[at] == '+' ? ' ' : text[at];
    at += escape ? 2 : 0;
  }
  return result;
}

class S3Objects : public ObjectStore {
 public:
  S3Objects(const Destination& destination, HttpClient& http, Clock& clock,
            const RetryPolicy& retries, std::stop_token stop)
      : key_{destination.access_key_id, destination.secret_access_key, destination.region, "s3"},
        storage_class_(destination.storage_class),
        address_(s3_address(destination)),
        http_(http),
        clock_(clock),
        retries_(retries),
        stop_(std::move(stop)) {}

  std::optional<ObjectFacts> facts(const std::string& key) override;
  std::map<std::string, std::uint64_t> list(const std::string& prefix) override;
  void put(const std::string& key, const ObjectBody& body) override;
  std::string read_small(const std::string& key) override;
  void remove(const std::string& key) override;

 private:
  [[nodiscard]] HttpCall signed_call(const S3Call& call) const;
  HttpAnswer perform(const S3Call& call);
  std::optional<S3Failure> attempt(const S3Call& call, HttpAnswer& answer);
  void wait(int attempt);
  XmlElement page(const std::string& prefix, const std::string& token);

  SigningKey key_;
  std::string storage_class_;
  S3Address address_;
  HttpClient& http_;
  Clock& clock_;
  RetryPolicy retries_;
  std::stop_token stop_;
  std::minstd_rand chance_{std::random_device{}()};
};

HttpCall S3Objects::signed_call(const S3Call& call) const {
  const auto digest = call.body ? call.body->sha256 : Sha256().hex();
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

void S3Objects::wait(int attempt) {
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

std::optional<S3Failure> S3Objects::attempt(const S3Call& call, HttpAnswer& answer) {
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
  return failure;
}

HttpAnswer S3Objects::perform(const S3Call& call) {
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

std::optional<ObjectFacts> S3Objects::facts(const std::string& key) {
  try {
    const auto what = "look at " + key;
    const auto answer =
        perform({.what = what, .method = "HEAD", .key = key, .required_header = "etag"});
    const auto size = answer.headers.find("content-length");
    return ObjectFacts{number_of(size == answer.headers.end() ? "" : size->second, what),
                       unquoted(answer.headers.at("etag"))};
  } catch (const NotThere&) {
    return std::nullopt;
  }
}

XmlElement S3Objects::page(const std::string& prefix, const std::string& token) {
  S3Call call{.what = "list the bucket", .method = "GET", .key = ""};
  call.query = {{"list-type", "2"}, {"prefix", prefix}, {"encoding-type", "url"}};
  call.root = "ListBucketResult";
  if (!token.empty()) {
    call.query.emplace_back("continuation-token", token);
  }
  return parse_xml(perform(call).body);
}

std::map<std::string, std::uint64_t> S3Objects::list(const std::string& prefix) {
  std::map<std::string, std::uint64_t> sizes;
  std::set<std::string> tokens;
  std::string token;
  while (true) {
    const auto answer = page(prefix, token);
    const bool encoded = answer.child("EncodingType") == "url";
    for (const auto& element : answer.children) {
      if (element.name == "Contents") {
        const auto key = element.child("Key");
        sizes[encoded ? decoded(key) : key] = number_of(element.child("Size"), "list the bucket");
      }
    }
    if (answer.child("IsTruncated") != "true") {
      return sizes;
    }
    token = answer.child("NextContinuationToken");
    if (token.empty() || !tokens.insert(token).second) {
      throw RemoteError("cannot list the bucket: the destination does not say how to go on");
    }
  }
}

void S3Objects::put(const std::string& key, const ObjectBody& body) {
  S3Call call{.what = "write " + key, .method = "PUT", .key = key};
  call.body = &body;
  call.required_header = "etag";
  if (!storage_class_.empty()) {
    call.headers["x-amz-storage-class"] = storage_class_;
  }
  perform(call);
}

std::string S3Objects::read_small(const std::string& key) {
  const auto answer =
      perform({.what = "read " + key, .method = "GET", .key = key, .required_header = "etag"});
  return answer.body;
}

void S3Objects::remove(const std::string& key) {
  try {
    perform({.what = "delete " + key, .method = "DELETE", .key = key});
  } catch (const NotThere&) {
    return;
  }
}

}  // namespace

std::unique_ptr<ObjectStore> open_s3_objects(const Destination& destination, HttpClient& http,
                                             Clock& clock, const RetryPolicy& retries,
                                             std::stop_token stop) {
  return std::make_unique<S3Objects>(destination, http, clock, retries, std::move(stop));
}

}  // namespace controller
