#include "controller/remote/sigv4.h"

#include <algorithm>

#include "controller/archive/sha256.h"
#include "controller/remote/hmac.h"

namespace controller {
namespace {

bool unreserved(char one) {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
         one == '-' || one == '.' || one == '_' || one == '~';
}

std::string encoded(std::string_view text, std::string_view kept) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string result;
  for (const char one : text) {
    if (unreserved(one) || kept.find(one) != std::string_view::npos) {
      result += one;
    } else {
      const auto byte = static_cast<unsigned char>(one);
      result += {'%', kDigits[byte >> 4U], kDigits[byte & 0x0FU]};
    }
  }
  return result;
}

std::string sha256_of(std::string_view text) {
  Sha256 digest;
  digest.add(text);
  return digest.hex();
}

std::string signed_names(const SignedParts& parts) {
  std::string names;
  for (const auto& [name, value] : parts.headers) {
    names += (names.empty() ? "" : ";") + name;
  }
  return names;
}

std::string canonical_request(const SignedParts& parts) {
  std::string text = parts.method + "\n" + parts.path + "\n" + parts.query + "\n";
  for (const auto& [name, value] : parts.headers) {
    text.append(name).append(":").append(value).append("\n");
  }
  return text + "\n" + signed_names(parts) + "\n" + parts.payload_sha256;
}

}  // namespace

std::string uri_encoded(std::string_view text) {
  return encoded(text, "");
}

std::string uri_encoded_path(std::string_view path) {
  return encoded(path, "/");
}

std::string canonical_query(const std::vector<std::pair<std::string, std::string>>& query) {
  std::vector<std::string> pairs;
  pairs.reserve(query.size());
  for (const auto& [name, value] : query) {
    pairs.push_back(uri_encoded(name) + "=" + uri_encoded(value));
  }
  std::ranges::sort(pairs);
  std::string text;
  for (const auto& pair : pairs) {
    text += (text.empty() ? "" : "&") + pair;
  }
  return text;
}

std::string authorization(const SignedParts& parts, const SigningKey& key) {
  constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
  constexpr std::size_t kDateLength = 8;
  const auto& time = parts.headers.at("x-amz-date");
  const auto date = time.substr(0, kDateLength);
  const auto scope = date + "/" + key.region + "/" + key.service + "/aws4_request";
  const auto text = std::string(kAlgorithm) + "\n" + time + "\n" + scope + "\n" +
                    sha256_of(canonical_request(parts));
  auto signing = hmac_sha256("AWS4" + key.secret_access_key.reveal(), date);
  for (const auto& step : {key.region, key.service, std::string("aws4_request")}) {
    signing = hmac_sha256(signing, step);
  }
  return std::string(kAlgorithm) + " Credential=" + key.access_key_id + "/" + scope +
         ", SignedHeaders=" + signed_names(parts) +
         ", Signature=" + hex_text(hmac_sha256(signing, text));
}

}  // namespace controller
