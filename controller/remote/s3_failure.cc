#include "controller/remote/s3_failure.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

#include "controller/remote/object_store.h"
#include "controller/remote/xml_answer.h"

namespace controller {
namespace {

constexpr int kOk = 200;
constexpr int kRedirect = 300;
constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kRequestTimeout = 408;
constexpr int kTooMany = 429;
constexpr int kServerError = 500;
constexpr int kNotImplemented = 501;

struct Advice {
  std::string_view code;
  std::string_view text;
};

constexpr std::array<Advice, 10> kAdvice = {{
    {"InvalidAccessKeyId", "the destination does not know this access key; check its id"},
    {"SignatureDoesNotMatch", "the secret access key or the region is wrong"},
    {"ExpiredToken", "the credentials have expired; set new ones"},
    {"TokenRefreshRequired", "the credentials have expired; set new ones"},
    {"AccessDenied",
     "the access key may not do this; look at its policy, and whether the object is "
     "locked"},
    {"NoSuchBucket", "there is no such bucket; it is not created by Cofferdam"},
    {"InvalidBucketName", "the bucket's name is not possible"},
    {"AuthorizationHeaderMalformed", "the region is wrong"},
    {"InvalidObjectState", "the object lies in an archive; have the storage restore it first"},
    {"QuotaExceeded", "the destination's quota is used up"},
}};

constexpr std::array<std::string_view, 8> kLater = {
    "InternalError", "ServiceUnavailable", "SlowDown",         "RequestTimeout",
    "BadDigest",     "IncompleteBody",     "OperationAborted", "XAmzContentSHA256Mismatch"};

std::string header(const HttpAnswer& answer, const std::string& name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? "" : found->second;
}

/// Where the bucket is, if the answer says so.
std::string whereabouts(const HttpAnswer& answer) {
  const auto region = header(answer, "x-amz-bucket-region");
  return region.empty() ? "" : "; the bucket is in region " + region;
}

/// "Fri, 27 Nov 2026 06:01:21 GMT"
std::string skew(const HttpAnswer& answer, std::chrono::system_clock::time_point now) {
  std::tm parts{};
  if (!::strptime(header(answer, "date").c_str(), "%a, %d %b %Y %H:%M:%S", &parts)) {
    return "";
  }
  const auto theirs = std::chrono::system_clock::from_time_t(::timegm(&parts));
  const auto off = std::chrono::duration_cast<std::chrono::seconds>(now - theirs).count();
  return " by " + std::to_string(off < 0 ? -off : off) + " s" + (off < 0 ? " (slow)" : " (fast)");
}

std::optional<XmlElement> tree_of(const HttpAnswer& answer) {
  try {
    return parse_xml(answer.body);
  } catch (const XmlError&) {
    return std::nullopt;
  }
}

S3Failure::Kind kind_of_status(int status) {
  if (status == kForbidden) {
    return S3Failure::Kind::Access;
  }
  if (status == kNotFound) {
    return S3Failure::Kind::NotThere;
  }
  const bool later = (status >= kServerError && status != kNotImplemented) ||
                     status == kRequestTimeout || status == kTooMany;
  return later ? S3Failure::Kind::Later : S3Failure::Kind::Refused;
}

S3Failure failure_of_code(const HttpAnswer& answer, const XmlElement& error,
                          std::chrono::system_clock::time_point now) {
  const auto code = error.child("Code");
  auto text = std::to_string(answer.status) + " " + code + " (" + error.child("Message") + ")";
  if (code == "RequestTimeTooSkewed") {
    return {S3Failure::Kind::Refused, text + "; this machine's clock is off" + skew(answer, now)};
  }
  if (std::ranges::find(kLater, code) != kLater.end()) {
    return {S3Failure::Kind::Later, text};
  }
  const auto* advice = std::ranges::find(kAdvice, code, &Advice::code);
  if (advice != kAdvice.end()) {
    text += "; " + std::string(advice->text);
  }
  if (answer.status < kBadRequest) {
    text += whereabouts(answer);
  }
  if (code == "NoSuchBucket") {
    return {S3Failure::Kind::Refused, text};
  }
  return {kind_of_status(answer.status), text};
}

}  // namespace

std::optional<S3Failure> s3_failure(const HttpAnswer& answer, const std::string& root,
                                    std::chrono::system_clock::time_point now) {
  const bool good = answer.status >= kOk && answer.status < kRedirect;
  if (good && root.empty()) {
    return std::nullopt;
  }
  const auto tree = tree_of(answer);
  if (tree && tree->name == "Error") {
    return failure_of_code(answer, *tree, now);
  }
  if (good) {
    // A portal that answers everything, or an answer that broke off.
    return tree && tree->name == root
               ? std::nullopt
               : std::optional(S3Failure{S3Failure::Kind::Later,
                                         "the answer is not one of S3 storage, or not all of it"});
  }
  auto text = std::to_string(answer.status);
  if (answer.status >= kRedirect && answer.status < kBadRequest) {
    const auto where = whereabouts(answer);
    text += where.empty() ? "; it redirects to another address: set that as the endpoint" : where;
  }
  return S3Failure{kind_of_status(answer.status), text};
}

void throw_failure(const S3Failure& failure, const std::string& what) {
  const auto text = "cannot " + what + ": " + failure.text;
  switch (failure.kind) {
    case S3Failure::Kind::NotThere:
      throw NotThere(text);
    case S3Failure::Kind::Access:
      throw AccessRefused(text);
    case S3Failure::Kind::Later:
      throw DestinationUnreachable(text);
    case S3Failure::Kind::Refused:
      break;
  }
  throw RemoteError(text);
}

}  // namespace controller
