#include "controller/api/route.h"

#include <string_view>

namespace controller {

namespace {

std::string_view next_part(std::string_view& path) {
  const auto slash = path.find('/', 1);
  const auto part = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  return part;
}

/// Absent: `path` is not of that pattern.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
  std::map<std::string, std::string> parameters;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_part(pattern);
    const auto given = next_part(path);
    if (wanted.starts_with("/{")) {
      if (given.size() < 2) {
        return std::nullopt;
      }
      parameters[std::string(wanted.substr(2, wanted.size() - 3))] = given.substr(1);
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  return pattern.empty() && path.empty() ? std::optional(parameters) : std::nullopt;
}

}  // namespace

std::optional<FoundRoute> find_route(const std::vector<Route>& routes, const std::string& method,
                                     const std::string& path) {
  const std::string wanted = method == "HEAD" ? "GET" : method;
  for (const auto& route : routes) {
    if (route.method != wanted) {
      continue;
    }
    if (auto parameters = match(route.path, path)) {
      return FoundRoute{&route, *std::move(parameters)};
    }
  }
  return std::nullopt;
}

std::string methods_at(const std::vector<Route>& routes, const std::string& path) {
  std::string methods;
  for (const auto& route : routes) {
    if (match(route.path, path)) {
      methods += (methods.empty() ? "" : ", ") + route.method;
    }
  }
  return methods;
}

}  // namespace controller
