#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "controller/snapshot/artifact_path.h"
#include "controller/snapshot/byte_escapes.h"
#include "controller/snapshot/manifest.h"
#include "controller/snapshot/manifest_fields.h"
#include "controller/snapshot/manifest_seal.h"

namespace controller {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kStatuses = {Status::Success, Status::Degraded, Status::Failed,
                                  Status::Cancelled, Status::Interrupted};
constexpr std::array kGrades = {Grade::Quiesced, Grade::Dumped, Grade::Paused, Grade::Live};

/// As a message shows it: on one line and without control characters.
std::string on_one_line(const std::string& bytes) {
  return Json(escape_bytes(bytes)).dump();
}

[[noreturn]] void refuse(const std::string& field, const std::string& problem) {
  throw FormatError("manifest.json: " + field + " " + problem);
}

// Writing.

class Writer {
 public:
  template <typename Member>
  void operator()(const char* name, const Member& member) {
    object_[name] = value(member);
  }

  template <typename Member>
  void operator()(const char* name, const std::optional<Member>& member) {
    if (member) {
      object_[name] = value(*member);
    }
  }

  template <typename Element>
  void optional_list(const char* name, const std::vector<Element>& elements) {
    if (!elements.empty()) {
      (*this)(name, elements);
    }
  }

  template <typename Record>
  static Json object(const Record& record) {
    Writer writer;
    fields(writer, record);
    return std::move(writer.object_);
  }

 private:
  static Json value(const std::string& text) { return escape_bytes(text); }
  static Json value(Status status) { return to_string(status); }
  static Json value(Grade grade) { return to_string(grade); }
  static Json value(std::uint64_t number) { return number; }
  static Json value(int number) { return number; }
  static Json value(bool flag) { return flag; }
  static Json value(double number) { return number; }

  static Json value(const std::map<std::string, std::string>& map) {
    Json object = Json::object();
    for (const auto& [name, text] : map) {
      object[escape_bytes(name)] = escape_bytes(text);
    }
    return object;
  }

  template <typename Element>
  static Json value(const std::vector<Element>& elements) {
    Json array = Json::array();
    for (const auto& element : elements) {
      array.push_back(value(element));
    }
    return array;
  }

  template <typename Record>
  static Json value(const Record& record) {
    return object(record);
  }

  Json object_ = Json::object();
};

// Reading.

/// Reads the fields of one object; `place` is what leads to it: "", "volumes[2].".
class Reader {
 public:
  Reader(const Json& object, std::string place) : object_(object), place_(std::move(place)) {}

  template <typename Member>
  void operator()(const char* name, Member& member) const {
    const auto found = object_.find(name);
    if (found == object_.end()) {
      refuse(place_ + name, "is missing");
    }
    read(*found, place_ + name, member);
  }

  template <typename Member>
  void operator()(const char* name, std::optional<Member>& member) const {
    if (const auto found = object_.find(name); found != object_.end()) {
      read(*found, place_ + name, member.emplace());
    }
  }

  template <typename Element>
  void optional_list(const char* name, std::vector<Element>& elements) const {
    if (object_.contains(name)) {
      (*this)(name, elements);
    }
  }

 private:
  static void read(const Json& json, const std::string& field, std::string& text) {
    if (!json.is_string()) {
      refuse(field, "is not a string");
    }
    text = unescaped(json.get_ref<const std::string&>(), field);
  }

  static std::string unescaped(const std::string& text, const std::string& field) {
    try {
      return unescape_bytes(text);
    } catch (const std::invalid_argument& error) {
      refuse(field, std::string("has a ") + error.what());
    }
  }

  static void read(const Json& json, const std::string& field, bool& flag) {
    if (!json.is_boolean()) {
      refuse(field, "is neither true nor false");
    }
    flag = json.get<bool>();
  }

  static void read(const Json& json, const std::string& field, std::uint64_t& number) {
    if (!json.is_number_unsigned()) {
      refuse(field, "is not a whole number from 0 up");
    }
    number = json.get<std::uint64_t>();
  }

  static void read(const Json& json, const std::string& field, int& number) {
    std::uint64_t wide = 0;
    read(json, field, wide);
    if (wide > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
      refuse(field, "is too large");
    }
    number = static_cast<int>(wide);
  }

  static void read(const Json& json, const std::string& field, double& number) {
    if (!json.is_number() || !std::isfinite(json.get<double>()) || json.get<double>() < 0) {
      refuse(field, "is not a number from 0 up");
    }
    number = json.get<double>();
  }

  static void read(const Json& json, const std::string& field, Status& status) {
    status = read_name(json, field, kStatuses);
  }

  static void read(const Json& json, const std::string& field, Grade& grade) {
    grade = read_name(json, field, kGrades);
  }

  template <typename Names>
  static typename Names::value_type read_name(const Json& json, const std::string& field,
                                              const Names& names) {
    std::string text;
    read(json, field, text);
    const auto found = std::ranges::find_if(
        names, [&](const auto& candidate) { return to_string(candidate) == text; });
    if (found == names.end()) {
      refuse(field, "has a value unknown here: " + on_one_line(text));
    }
    return *found;
  }

  static void read(const Json& json, const std::string& field,
                   std::map<std::string, std::string>& map) {
    if (!json.is_object()) {
      refuse(field, "is not an object");
    }
    for (const auto& [name, value] : json.items()) {
      read(value, field + "[" + on_one_line(name) + "]", map[unescaped(name, field)]);
    }
  }

  template <typename Element>
  static void read(const Json& json, const std::string& field, std::vector<Element>& elements) {
    if (!json.is_array()) {
      refuse(field, "is not an array");
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
      read(json[i], field + "[" + std::to_string(i) + "]", elements.emplace_back());
    }
  }

  template <typename Record>
  static void read(const Json& json, const std::string& field, Record& record) {
    if (!json.is_object()) {
      refuse(field, "is not an object");
    }
    const Reader reader(json, field + ".");
    fields(reader, record);
    check(record, field);
  }

  template <typename Record>
  static void check(const Record& /*record*/, const std::string& /*field*/) {}

  static void check(const Artifact& artifact, const std::string& field) {
    if (!valid_artifact_path(artifact.path)) {
      refuse(field + ".path", "is no path below the snapshot: " + on_one_line(artifact.path));
    }
    if (artifact.sha256.size() != 64 ||
        artifact.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) {
      refuse(field + ".sha256", "is not a SHA-256");
    }
  }

  const Json& object_;
  std::string place_;
};

Json parse(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(std::string("manifest.json is not JSON: ") + error.what());
  }
}

void check_format(const Json& json) {
  if (!json.is_object() || !json.contains("format")) {
    throw FormatError("manifest.json: format is missing");
  }
  const auto& format = json["format"];
  if (!format.is_number_unsigned() || format.get<std::uint64_t>() == 0) {
    refuse("format", "is not a whole number from 1 up");
  }
  if (format.get<std::uint64_t>() > Manifest::kFormat) {
    refuse("format", "is " + format.dump() + ", newer than this program knows (" +
                         std::to_string(Manifest::kFormat) +
                         "). Use the version of cofferdam that made it, or a newer one");
  }
}

void check_paths_differ(const Manifest& manifest) {
  std::set<std::string> seen = {"manifest.json", "RECOVERY.txt"};
  for (const auto& artifact : artifacts(manifest)) {
    if (!seen.insert(artifact.path).second) {
      throw FormatError("manifest.json: two things are stored as " + on_one_line(artifact.path));
    }
  }
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  Json json = {{"format", Manifest::kFormat}};
  json.update(Writer::object(manifest));
  std::string text = json.dump(2);
  text.resize(text.size() - std::string_view("\n}").size());
  text += ",\n";
  return text + manifest_seal(text);
}

Manifest manifest_from_json(std::string_view json) {
  const Json parsed = parse(json);
  check_format(parsed);
  if (!seal_holds(json)) {
    refuse("sha256", "does not fit: the file was changed after it was written");
  }
  Manifest manifest;
  const Reader reader(parsed, "");
  fields(reader, manifest);
  check_paths_differ(manifest);
  return manifest;
}

}  // namespace controller
