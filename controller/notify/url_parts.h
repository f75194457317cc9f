// A URL taken apart.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace controller {

struct UrlParts {
  std::string scheme;
  std::string user;       // decoded
  std::string password;   // decoded
  std::string host;       // without the brackets of IPv6
  std::string authority;  // host and port as they are written
  std::string path;       // as it is written: encoded, empty or beginning with '/'
  std::string query;      // as it is written, without '?'
  std::string fragment;   // the same, without '#'
};

/// Throws std::invalid_argument that quotes nothing but the scheme.
UrlParts url_parts(std::string_view url);

/// Throws std::invalid_argument for a '%' without two digits, and for control characters, which no
/// header may take.
std::string percent_decoded(std::string_view text);

/// Of "a=1&b=2", decoded.  Throws std::invalid_argument for a name that is there twice.
std::map<std::string, std::string> url_fields(std::string_view query);

}  // namespace controller
