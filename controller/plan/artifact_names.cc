#include "controller/plan/artifact_names.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace controller {

namespace {

constexpr std::size_t kLongest = 100;  // leaves room for extensions in a 255-byte file name

std::string safe(const std::string& key) {
  std::string name;
  for (const char letter : key) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool allowed =
        byte < 128 && (std::isalnum(byte) != 0 || letter == '.' || letter == '-' || letter == '_');
    name += allowed ? letter : '_';
  }
  name.erase(0, std::min(name.find_first_not_of(key.starts_with('/') ? "._-" : ".-"), name.size()));
  name.resize(std::min(name.size(), kLongest));
  return name.empty() ? "volume" : name;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

}  // namespace

std::map<std::string, std::string> artifact_names(const std::vector<std::string>& keys) {
  std::vector<std::string> ordered = keys;
  std::sort(ordered.begin(), ordered.end());
  // Who need not change has the first right to a name.
  std::stable_partition(ordered.begin(), ordered.end(),
                        [](const auto& key) { return safe(key) == key; });
  std::map<std::string, std::string> names;
  std::set<std::string> taken;
  for (const auto& key : ordered) {
    std::string name = safe(key);
    for (int number = 2; !taken.insert(lower(name)).second; ++number) {
      name = safe(key) + "-" + std::to_string(number);
    }
    names[key] = name;
  }
  return names;
}

}  // namespace controller
