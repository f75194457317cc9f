#include "compose/compose_labels.h"

#include <charconv>

namespace compose {

std::string label(const dockerapi::Container& container, std::string_view name) {
  const auto found = container.labels.find(std::string(name));
  return found == container.labels.end() ? std::string() : found->second;
}

bool is_compose_container(const dockerapi::Container& container) {
  return !label(container, kProjectLabel).empty() && !label(container, kServiceLabel).empty() &&
         container.labels.contains(std::string(kConfigHashLabel));
}

bool is_one_off(const dockerapi::Container& container) {
  return label(container, kOneOffLabel) == "True";
}

bool is_helper(const dockerapi::Container& container) {
  return label(container, "cofferdam.role") == "helper";
}

int replica_number(const dockerapi::Container& container) {
  const auto text = label(container, kNumberLabel);
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace compose
