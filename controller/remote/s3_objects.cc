#include "controller/remote/s3_objects.h"

#include <charconv>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "controller/remote/object_body.h"
#include "controller/remote/s3_caller.h"
#include "controller/remote/xml_answer.h"

namespace controller {
namespace {

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

std::string escaped(const std::string& text) {
  std::string result;
  for (const char one : text) {
    result += one == '&'   ? "&amp;"
              : one == '<' ? "&lt;"
              : one == '>' ? "&gt;"
                           : std::string(1, one);
  }
  return result;
}

std::string header_of(const HttpAnswer& answer, const std::string& name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? "" : found->second;
}

using Query = std::vector<std::pair<std::string, std::string>>;

/// Where one page ends and the next begins: parameters of the next request, the elements that give
/// them.
using Marks = std::vector<std::pair<std::string, std::string>>;

class S3Objects : public ObjectStore {
 public:
  S3Objects(const Destination& destination, HttpClient& http, Clock& clock,
            const RetryPolicy& retries, std::stop_token stop)
      : storage_class_(destination.storage_class),
        caller_(destination, http, clock, retries, std::move(stop)) {}

  [[nodiscard]] bool signs_bodies() const override { return caller_.signs_bodies(); }
  std::optional<ObjectFacts> facts(const std::string& key) override;
  std::map<std::string, std::uint64_t> list(const std::string& prefix) override;
  std::string put(const std::string& key, const ObjectBody& body) override;
  std::string read_small(const std::string& key) override;
  std::string read_range(const std::string& key, std::uint64_t offset, std::size_t size) override;
  void remove(const std::string& key) override;
  std::string begin_upload(const std::string& key) override;
  std::string put_part(const Upload& upload, int number, const ObjectBody& body) override;
  std::map<int, ObjectFacts> parts(const Upload& upload) override;
  void complete_upload(const Upload& upload, const std::vector<std::string>& etags) override;
  void abort_upload(const Upload& upload) override;
  std::vector<Upload> uploads(const std::string& prefix) override;

 private:
  [[nodiscard]] std::map<std::string, std::string> class_header() const;
  void each_page(S3Call call, const Marks& marks,
                 const std::function<void(const XmlElement&)>& take);

  std::string storage_class_;
  S3Caller caller_;
};

std::map<std::string, std::string> S3Objects::class_header() const {
  if (storage_class_.empty()) {
    return {};
  }
  return {{"x-amz-storage-class", storage_class_}};
}

std::optional<ObjectFacts> S3Objects::facts(const std::string& key) {
  try {
    const auto what = "look at " + key;
    const auto answer =
        caller_.perform({.what = what, .method = "HEAD", .key = key, .required_header = "etag"});
    return ObjectFacts{number_of(header_of(answer, "content-length"), what),
                       unquoted(answer.headers.at("etag"))};
  } catch (const NotThere&) {
    return std::nullopt;
  }
}

void S3Objects::each_page(S3Call call, const Marks& marks,
                          const std::function<void(const XmlElement&)>& take) {
  const Query first = call.query;
  std::set<Query> seen;
  while (true) {
    const auto page = parse_xml(caller_.perform(call).body);
    take(page);
    if (page.child("IsTruncated") != "true") {
      return;
    }
    Query next = first;
    for (const auto& [parameter, element] : marks) {
      next.emplace_back(parameter, page.child(element));
    }
    if (next.back().second.empty() || !seen.insert(next).second) {
      throw RemoteError("cannot " + call.what + ": the destination does not say how to go on");
    }
    call.query = next;
  }
}

std::map<std::string, std::uint64_t> S3Objects::list(const std::string& prefix) {
  S3Call call{.what = "list the bucket", .method = "GET", .key = "", .root = "ListBucketResult"};
  call.query = {{"list-type", "2"}, {"prefix", prefix}, {"encoding-type", "url"}};
  std::map<std::string, std::uint64_t> sizes;
  each_page(call, {{"continuation-token", "NextContinuationToken"}}, [&](const XmlElement& page) {
    const bool encoded = page.child("EncodingType") == "url";
    for (const auto& element : page.children) {
      if (element.name == "Contents") {
        const auto key = element.child("Key");
        sizes[encoded ? decoded(key) : key] = number_of(element.child("Size"), call.what);
      }
    }
  });
  return sizes;
}

std::string S3Objects::put(const std::string& key, const ObjectBody& body) {
  S3Call call{.what = "write " + key, .method = "PUT", .key = key, .headers = class_header()};
  call.body = &body;
  call.required_header = "etag";
  return unquoted(caller_.perform(call).headers.at("etag"));
}

std::string S3Objects::read_small(const std::string& key) {
  return caller_
      .perform({.what = "read " + key, .method = "GET", .key = key, .required_header = "etag"})
      .body;
}

std::string S3Objects::read_range(const std::string& key, std::uint64_t offset, std::size_t size) {
  S3Call call{.what = "read " + key, .method = "GET", .key = key, .required_header = "etag"};
  call.headers["range"] =
      "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + size - 1);
  call.bytes = size;
  return caller_.perform(call).body;
}

void S3Objects::remove(const std::string& key) {
  try {
    caller_.perform({.what = "delete " + key, .method = "DELETE", .key = key});
  } catch (const NotThere&) {
    return;
  }
}

std::string S3Objects::begin_upload(const std::string& key) {
  S3Call call{.what = "begin to write " + key, .method = "POST", .key = key};
  call.query = {{"uploads", ""}};
  call.headers = class_header();
  call.root = "InitiateMultipartUploadResult";
  auto id = parse_xml(caller_.perform(call).body).child("UploadId");
  if (id.empty()) {
    throw RemoteError("cannot " + call.what + ": the destination names no upload");
  }
  return id;
}

std::string S3Objects::put_part(const Upload& upload, int number, const ObjectBody& body) {
  S3Call call{.what = "write part " + std::to_string(number) + " of " + upload.key,
              .method = "PUT",
              .key = upload.key};
  call.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload.id}};
  call.body = &body;
  call.required_header = "etag";
  return unquoted(caller_.perform(call).headers.at("etag"));
}

std::map<int, ObjectFacts> S3Objects::parts(const Upload& upload) {
  S3Call call{.what = "look at the parts of " + upload.key, .method = "GET", .key = upload.key};
  call.query = {{"uploadId", upload.id}};
  call.root = "ListPartsResult";
  std::map<int, ObjectFacts> parts;
  each_page(call, {{"part-number-marker", "NextPartNumberMarker"}}, [&](const XmlElement& page) {
    for (const auto& element : page.children) {
      if (element.name == "Part") {
        parts[static_cast<int>(number_of(element.child("PartNumber"), call.what))] = {
            number_of(element.child("Size"), call.what), unquoted(element.child("ETag"))};
      }
    }
  });
  return parts;
}

void S3Objects::complete_upload(const Upload& upload, const std::vector<std::string>& etags) {
  std::string text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    text += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>\"" +
            escaped(etags[i]) + "\"</ETag></Part>";
  }
  const auto body = text_body(text + "</CompleteMultipartUpload>");
  S3Call call{.what = "finish " + upload.key, .method = "POST", .key = upload.key};
  call.query = {{"uploadId", upload.id}};
  call.headers["content-type"] = "application/xml";
  call.body = &body;
  call.root = "CompleteMultipartUploadResult";  // a 200 may hold an <Error>
  caller_.perform(call);
}

void S3Objects::abort_upload(const Upload& upload) {
  S3Call call{.what = "give up writing " + upload.key, .method = "DELETE", .key = upload.key};
  call.query = {{"uploadId", upload.id}};
  try {
    caller_.perform(call);
  } catch (const NotThere&) {
    return;
  }
}

std::vector<Upload> S3Objects::uploads(const std::string& prefix) {
  S3Call call{.what = "list unfinished uploads", .method = "GET", .key = ""};
  call.query = {{"uploads", ""}, {"prefix", prefix}, {"encoding-type", "url"}};
  call.root = "ListMultipartUploadsResult";
  std::vector<Upload> found;
  const Marks marks = {{"upload-id-marker", "NextUploadIdMarker"}, {"key-marker", "NextKeyMarker"}};
  each_page(call, marks, [&](const XmlElement& page) {
    const bool encoded = page.child("EncodingType") == "url";
    for (const auto& element : page.children) {
      if (element.name == "Upload") {
        const auto key = element.child("Key");
        found.push_back({encoded ? decoded(key) : key, element.child("UploadId")});
      }
    }
  });
  return found;
}

}  // namespace

std::unique_ptr<ObjectStore> open_s3_objects(const Destination& destination, HttpClient& http,
                                             Clock& clock, const RetryPolicy& retries,
                                             std::stop_token stop) {
  return std::make_unique<S3Objects>(destination, http, clock, retries, std::move(stop));
}

}  // namespace controller
