// AWS Signature Version 4, by its published definition.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/remote/secret.h"

namespace controller {

/// Percent-encodes all but letters, digits, '-', '.', '_' and '~'.
std::string uri_encoded(std::string_view text);

/// The same, and leaves '/'.
std::string uri_encoded_path(std::string_view path);

/// "a=1&b=2": encoded, in the order the signature demands.
std::string canonical_query(const std::vector<std::pair<std::string, std::string>>& query);

/// What is signed of a request.  All its headers are; "host" and "x-amz-date" must be among them.
struct SignedParts {
  std::string method;
  std::string path;                            // encoded
  std::string query;                           // canonical_query()
  std::map<std::string, std::string> headers;  // names in lower case, values trimmed
  std::string payload_sha256;
};

struct SigningKey {
  std::string access_key_id;
  Secret secret_access_key;
  std::string region;
  std::string service;
};

/// The value of the header Authorization.
std::string authorization(const SignedParts& parts, const SigningKey& key);

}  // namespace controller
