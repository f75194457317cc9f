// Reading an engine's JSON field by field: what is missing, null or of another type is taken for
// its default.  Templates, so that this header needs no JSON library.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dockerapi/container.h"
#include "dockerapi/error.h"

namespace dockerapi {

/// Throws Error.
template <typename Json>
Json parse(std::string_view text) {
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    throw Error("the engine's answer is not JSON: '" + std::string(text.substr(0, 100)) + "'");
  }
  return json;
}

template <typename Json>
Json parse_object(std::string_view text) {
  auto json = parse<Json>(text);
  if (!json.is_object()) {
    throw Error("the engine's answer is not a JSON object: '" + std::string(text.substr(0, 100)) +
                "'");
  }
  return json;
}

template <typename Json>
const Json& field(const Json& object, const char* name) {
  static const Json kNull;
  if (!object.is_object()) {
    return kNull;
  }
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

template <typename Json>
std::string text(const Json& object, const char* name) {
  const auto& value = field(object, name);
  return value.is_string() ? value.template get<std::string>() : std::string();
}

template <typename Json>
std::int64_t number(const Json& object, const char* name) {
  const auto& value = field(object, name);
  return value.is_number() ? value.template get<std::int64_t>() : 0;
}

template <typename Json>
bool flag(const Json& object, const char* name) {
  const auto& value = field(object, name);
  return value.is_boolean() && value.template get<bool>();
}

template <typename Json>
std::vector<std::string> texts(const Json& object, const char* name) {
  std::vector<std::string> result;
  const auto& value = field(object, name);
  // Entrypoint and Cmd of very old images may be one string.
  if (value.is_string()) {
    result.push_back(value.template get<std::string>());
  }
  if (value.is_array()) {
    for (const auto& entry : value) {
      if (entry.is_string()) {
        result.push_back(entry.template get<std::string>());
      }
    }
  }
  return result;
}

template <typename Json>
Labels labels(const Json& object, const char* name) {
  Labels result;
  const auto& value = field(object, name);
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      result[key] = entry.is_string() ? entry.template get<std::string>() : std::string();
    }
  }
  return result;
}

template <typename Json>
std::vector<std::string> keys(const Json& object, const char* name) {
  std::vector<std::string> result;
  const auto& value = field(object, name);
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      result.push_back(key);
    }
  }
  return result;
}

/// Absent: there is none, or it is switched off.
template <typename Json>
std::optional<HealthCheck> health_check_from(const Json& json) {
  const auto test = texts(json, "Test");
  if (test.empty() || test.front() == "NONE") {
    return std::nullopt;
  }
  using std::chrono::nanoseconds;
  return HealthCheck{nanoseconds(number(json, "Interval")), nanoseconds(number(json, "Timeout")),
                     nanoseconds(number(json, "StartPeriod")),
                     static_cast<int>(number(json, "Retries")), test};
}

}  // namespace dockerapi
