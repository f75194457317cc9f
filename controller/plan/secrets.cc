#include "controller/plan/secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace controller {

namespace {

constexpr std::size_t kShortest = 6;
constexpr std::string_view kMask = "***";

/// A stretch of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t length = 0;
};

bool names_a_secret(std::string name) {
  constexpr std::array<std::string_view, 7> kWords = {"PASS",       "SECRET",  "TOKEN", "KEY",
                                                      "CREDENTIAL", "PRIVATE", "SALT"};
  constexpr std::array<std::string_view, 2> kEnds = {"_PWD", "_AUTH"};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char one) { return static_cast<char>(std::toupper(one)); });
  // The file is secret, its path is not.
  const bool path = name.ends_with("_FILE");
  const auto within = [&](std::string_view word) { return name.find(word) != std::string::npos; };
  const auto last = [&](std::string_view end) { return name.ends_with(end); };
  return !path && (std::any_of(kWords.begin(), kWords.end(), within) ||
                   std::any_of(kEnds.begin(), kEnds.end(), last));
}

/// The next password of a URL, "scheme://user:password@…", from `from` on.
std::optional<Span> url_password(std::string_view text, std::size_t from) {
  constexpr std::string_view kStart = "://";
  for (auto at = text.find(kStart, from); at != std::string_view::npos;
       at = text.find(kStart, at + 1)) {
    const auto begin = at + kStart.size();
    const auto end = std::min(text.find_first_of(" \t\r\n/?#\"'<>", begin), text.size());
    const auto authority = text.substr(begin, end - begin);
    const auto sign = authority.rfind('@');
    const auto colon = authority.find(':');
    if (sign != std::string_view::npos && colon < sign && sign - colon > 1) {
      return Span{begin + colon + 1, sign - colon - 1};
    }
  }
  return std::nullopt;
}

void add_lines(std::string_view value, std::vector<std::string>& secrets) {
  while (!value.empty()) {
    const auto end = std::min(value.find_first_of("\r\n"), value.size());
    if (end >= kShortest) {
      secrets.emplace_back(value.substr(0, end));
    }
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

}  // namespace

std::vector<std::string> secrets_of(const dockerapi::Container& container) {
  std::vector<std::string> secrets;
  for (const auto& entry : container.env) {
    const auto equals = std::min(entry.find('='), entry.size());
    const auto value = std::string_view(entry).substr(std::min(equals + 1, entry.size()));
    if (names_a_secret(entry.substr(0, equals))) {
      add_lines(value, secrets);
    }
    for (auto found = url_password(value, 0); found;
         found = url_password(value, found->begin + found->length)) {
      add_lines(value.substr(found->begin, found->length), secrets);
    }
  }
  std::sort(secrets.begin(), secrets.end(), [](const std::string& one, const std::string& other) {
    return one.size() != other.size() ? one.size() > other.size() : one < other;
  });
  secrets.erase(std::unique(secrets.begin(), secrets.end()), secrets.end());
  return secrets;
}

std::string masked(std::string_view text, const std::vector<std::string>& secrets) {
  std::string shown(text);
  for (const auto& secret : secrets) {
    for (auto at = shown.find(secret); at != std::string::npos;
         at = shown.find(secret, at + kMask.size())) {
      shown.replace(at, secret.size(), kMask);
    }
  }
  for (auto found = url_password(shown, 0); found;
       found = url_password(shown, found->begin + kMask.size())) {
    shown.replace(found->begin, found->length, kMask);
  }
  return shown;
}

}  // namespace controller
