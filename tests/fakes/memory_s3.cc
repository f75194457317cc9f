#include "tests/fakes/memory_s3.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "controller/remote/object_body.h"

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
  auto start = query.find("?" + name + "=");
  start = start == std::string::npos ? ("&" + query).find("&" + name + "=") : start + 1;
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

/// The first and the last byte that a Range header wants.
std::pair<std::size_t, std::size_t> range_of(const std::string& header) {
  const auto dash = header.find('-');
  const auto start = header.find('=') + 1;
  return {std::stoul(header.substr(start, dash - start)), std::stoul(header.substr(dash + 1))};
}

HttpAnswer document(const std::string& root, const std::string& text) {
  return {200, {}, "<" + root + ">" + text + "</" + root + ">"};
}

}  // namespace

MemoryS3::MemoryS3()
    : etag_of([](const std::string& bytes) { return controller::text_body(bytes).md5; }) {}

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
  const auto mark = std::min(rest.find('?'), rest.size());
  const auto key = rest.substr(0, mark);
  const auto query = rest.substr(std::min(mark + 1, rest.size()));
  const auto id = parameter(query, "uploadId");
  if (key.empty()) {
    return query.find("uploads=") == std::string::npos ? listing(query)
                                                       : unfinished(parameter(query, "prefix"));
  }
  if (call.method == "POST" && id.empty()) {
    const auto fresh = "upload" + std::to_string(++begun_);
    uploads[fresh].key = key;
    return document("InitiateMultipartUploadResult", "<UploadId>" + fresh + "</UploadId>");
  }
  return id.empty() ? of_object(call, key) : of_upload(call, key, id);
}

HttpAnswer MemoryS3::of_upload(const HttpCall& call, const std::string& key,
                               const std::string& id) {
  const auto found = uploads.find(id);
  if (found == uploads.end() || found->second.key != key) {
    return s3_error(404, "NoSuchUpload");
  }
  if (call.method == "PUT") {
    const auto body = body_of(call);
    found->second.parts[std::stoi(parameter(call.url, "partNumber"))] = body;
    return {200, {{"etag", "\"" + etag_of(body) + "\""}}, ""};
  }
  if (call.method == "GET") {
    return parts_of(found->second, parameter(call.url, "part-number-marker"));
  }
  if (call.method == "DELETE") {
    uploads.erase(found);
    return {204, {}, ""};
  }
  return complete(id);
}

HttpAnswer MemoryS3::complete(const std::string& id) {
  const auto done = uploads.at(id);
  uploads.erase(id);
  std::string whole;
  for (const auto& [number, bytes] : done.parts) {
    whole += bytes;
  }
  objects[done.key] = whole;
  return document("CompleteMultipartUploadResult", "");
}

HttpAnswer MemoryS3::of_object(const HttpCall& call, const std::string& key) {
  if (call.method == "PUT") {
    objects[key] = body_of(call);
    return {200, {{"etag", "\"" + etag_of(objects[key]) + "\""}}, ""};
  }
  if (!objects.contains(key)) {
    return call.method == "HEAD" ? HttpAnswer{404, {}, ""} : s3_error(404, "NoSuchKey");
  }
  if (call.method == "DELETE") {
    objects.erase(key);
    return {204, {}, ""};
  }
  const auto& bytes = objects[key];
  HttpAnswer answer{
      200,
      {{"etag", "\"" + etag_of(bytes) + "\""}, {"content-length", std::to_string(bytes.size())}},
      call.method == "GET" ? bytes : ""};
  if (const auto range = call.headers.find("range"); range != call.headers.end()) {
    const auto [first, last] = range_of(range->second);
    answer.status = 206;
    answer.body = bytes.substr(first, last - first + 1);
  }
  return answer;
}

HttpAnswer MemoryS3::parts_of(const Parts& upload, const std::string& marker) const {
  std::string text;
  int listed = 0;
  int last = marker.empty() ? 0 : std::stoi(marker);
  for (auto at = upload.parts.upper_bound(last); at != upload.parts.end(); ++at) {
    if (listed++ == 2) {
      text += "<IsTruncated>true</IsTruncated><NextPartNumberMarker>" + std::to_string(last) +
              "</NextPartNumberMarker>";
      break;
    }
    last = at->first;
    text += "<Part><PartNumber>" + std::to_string(last) + "</PartNumber><ETag>\"" +
            etag_of(at->second) + "\"</ETag><Size>" + std::to_string(at->second.size()) +
            "</Size></Part>";
  }
  return document("ListPartsResult", text);
}

HttpAnswer MemoryS3::unfinished(const std::string& prefix) const {
  std::string text;
  for (const auto& [id, upload] : uploads) {
    if (upload.key.starts_with(prefix)) {
      text += "<Upload><Key>" + upload.key + "</Key><UploadId>" + id + "</UploadId></Upload>";
    }
  }
  return document("ListMultipartUploadsResult", text);
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
  return document("ListBucketResult", text);
}

}  // namespace fakes
