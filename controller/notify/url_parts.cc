#include "controller/notify/url_parts.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace controller {

namespace {

/// What is before `mark`; `rest` keeps what is after it, or nothing.
std::string_view cut(std::string_view& rest, char mark) {
  const auto at = rest.find(mark);
  const auto head = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return head;
}

bool is_control(char one) {
  const auto byte = static_cast<unsigned char>(one);
  return byte < 0x20 || byte == 0x7F;
}

bool belongs_into_host(char one) {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
         std::string_view("-._:").find(one) != std::string_view::npos;
}

std::string host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    return std::string(authority.substr(1, authority.find(']') - 1));
  }
  return std::string(authority.substr(0, authority.find(':')));
}

void check_port(const UrlParts& parts) {
  const auto bare = parts.authority.substr(parts.authority.find(']') + 1);
  const auto colon = bare.find(':');
  if (colon == std::string::npos) {
    return;
  }
  constexpr int kHighest = 65535;
  int port = 0;
  const auto* end = bare.data() + bare.size();
  const auto [stopped, problem] = std::from_chars(bare.data() + colon + 1, end, port);
  if (problem != std::errc() || stopped != end || port < 1 || port > kHighest) {
    throw std::invalid_argument(parts.scheme + "://…: the port must be a number up to 65535");
  }
}

void check(const UrlParts& parts) {
  if (parts.host.empty() || !std::ranges::all_of(parts.host, belongs_into_host)) {
    throw std::invalid_argument(parts.scheme + "://…: there is no host where one should be");
  }
  check_port(parts);
}

}  // namespace

UrlParts url_parts(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) {
    throw std::invalid_argument("that is no URL; it should be SERVICE://…");
  }
  UrlParts parts;
  parts.scheme = url.substr(0, scheme_end);
  if (std::ranges::any_of(url, [](char one) { return is_control(one) || one == ' '; })) {
    throw std::invalid_argument(parts.scheme + "://…: a URL has no spaces");
  }
  auto fragment = url.substr(scheme_end + 3);
  auto query = cut(fragment, '#');
  const auto place = cut(query, '?');
  parts.fragment = fragment;
  parts.query = query;
  const auto slash = std::min(place.find('/'), place.size());
  auto authority = place.substr(0, slash);
  parts.path = place.substr(slash);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    auto password = authority.substr(0, at);
    parts.user = percent_decoded(cut(password, ':'));
    parts.password = percent_decoded(password);
    authority = authority.substr(at + 1);
  }
  parts.authority = authority;
  parts.host = host_of(authority);
  check(parts);
  return parts;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char one = text[at];
    if (one == '%') {
      unsigned value = 0;
      const auto digits = text.substr(at + 1, 2);
      const auto [end, problem] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      if (problem != std::errc() || end != digits.data() + 2) {
        throw std::invalid_argument("a '%' in a URL needs two hexadecimal digits after it");
      }
      one = static_cast<char>(value);
      at += 2;
    }
    if (is_control(one)) {
      throw std::invalid_argument("a URL has no control characters");
    }
    decoded += one;
  }
  return decoded;
}

std::map<std::string, std::string> url_fields(std::string_view query) {
  std::map<std::string, std::string> fields;
  while (!query.empty()) {
    auto value = cut(query, '&');
    const auto name = percent_decoded(cut(value, '='));
    if (!fields.emplace(name, percent_decoded(value)).second) {
      throw std::invalid_argument(name + " is there twice");
    }
  }
  return fields;
}

}  // namespace controller
