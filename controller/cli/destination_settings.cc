#include "controller/cli/destination_settings.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>

#include "controller/cli/destination_retention.h"
#include "controller/remote/s3_address.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

/// What one destination is said to be, by the name of the field.
struct Fields {
  std::string place;                                    // for messages
  std::function<std::string(const std::string&)> name;  // of a field, as the operator wrote it
  std::map<std::string, std::string> values;
};

constexpr std::array<std::string_view, 11> kFields = {
    "endpoint", "bucket",    "access_key_id", "secret_access_key",
    "region",   "prefix",    "style",         "storage_class",
    "ca",       "bandwidth", "upload"};

std::string value_of(const Fields& fields, const std::string& field, const std::string& otherwise) {
  const auto found = fields.values.find(field);
  return found == fields.values.end() || found->second.empty() ? otherwise : found->second;
}

std::string required(const Fields& fields, const std::string& field) {
  auto value = value_of(fields, field, "");
  if (value.empty()) {
    throw SettingError(fields.place + ": " + fields.name(field) + " is missing");
  }
  return value;
}

[[noreturn]] void refuse(const Fields& fields, const std::string& field, const std::string& what) {
  throw SettingError(fields.place + ": " + fields.name(field) + " is \"" +
                     value_of(fields, field, "") + "\"; it must be " + what);
}

BucketStyle style_of(const Fields& fields) {
  const auto text = value_of(fields, "style", "auto");
  if (text == "auto") {
    return BucketStyle::Auto;
  }
  if (text == "path") {
    return BucketStyle::Path;
  }
  if (text == "virtual") {
    return BucketStyle::VirtualHost;
  }
  refuse(fields, "style", "auto, path or virtual");
}

std::uint64_t bandwidth_of(const Fields& fields) {
  constexpr std::uint64_t kMost = 1'000'000;
  auto text = value_of(fields, "bandwidth", "");
  if (text.empty()) {
    return 0;
  }
  const unsigned shift = text.back() == 'k' ? 10 : text.back() == 'm' ? 20 : 0;
  text.pop_back();
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (shift == 0 || problem != std::errc() || end != text.data() + text.size() || value == 0 ||
      value > kMost) {
    refuse(fields, "bandwidth", "KiB or MiB a second: 500k, 10m");
  }
  return value << shift;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char one) {
    return one >= 'a' && one <= 'z' ? static_cast<char>(one - 'a' + 'A') : one;
  });
  return text;
}

std::optional<bool> truth_of(const std::string& text) {
  const auto said = upper(text);
  for (const auto* word : {"TRUE", "1", "YES", "ON"}) {
    if (said == word) {
      return true;
    }
  }
  for (const auto* word : {"FALSE", "0", "NO", "OFF"}) {
    if (said == word) {
      return false;
    }
  }
  return std::nullopt;
}

bool truth(const Environment& environment, const std::string& name) {
  const auto text = read_variable(environment, name).value_or("false");
  if (const auto said = truth_of(text)) {
    return *said;
  }
  throw SettingError(name + " is \"" + text + "\"; it must be true or false");
}

bool upload_of(const Fields& fields) {
  if (const auto said = truth_of(value_of(fields, "upload", "false"))) {
    return *said;
  }
  refuse(fields, "upload", "true or false");
}

std::string prefix_of(const Fields& fields) {
  auto prefix = value_of(fields, "prefix", "cofferdam/");
  prefix.erase(0, prefix.find_first_not_of('/'));
  return prefix.empty() || prefix.ends_with('/') ? prefix : prefix + "/";
}

Destination destination_of(const std::string& name, const Fields& fields) {
  Destination destination;
  destination.name = name;
  destination.endpoint = value_of(fields, "endpoint", "");
  destination.bucket = required(fields, "bucket");
  destination.access_key_id = required(fields, "access_key_id");
  destination.secret_access_key = Secret(required(fields, "secret_access_key"));
  destination.region = value_of(fields, "region", destination.region);
  destination.prefix = prefix_of(fields);
  destination.style = style_of(fields);
  destination.storage_class = value_of(fields, "storage_class", "");
  destination.authorities = value_of(fields, "ca", "");
  destination.bandwidth = bandwidth_of(fields);
  destination.upload = upload_of(fields);
  try {
    s3_address(destination);
  } catch (const std::invalid_argument&) {
    refuse(fields, "endpoint", "http://HOST[:PORT] or https://HOST[:PORT]");
  }
  return destination;
}

Fields fields_of(const Environment& environment, bool geolens) {
  Fields fields{"the environment",
                [](const std::string& field) { return "COFFERDAM_S3_" + upper(field); },
                {}};
  for (const auto field : kFields) {
    const auto name = upper(std::string(field));
    auto value = read_variable(environment, "COFFERDAM_S3_" + name);
    if (!value && geolens) {
      value = read_variable(environment, "S3_" + name);
    }
    fields.values[std::string(field)] = value.value_or("");
  }
  if (geolens) {
    auto& upload = fields.values["upload"];
    upload = upload.empty() ? "true" : upload;
    fields.name = [](const std::string& field) { return "S3_" + upper(field); };
  }
  return fields;
}

/// Fields end in _file where the file's text is meant.
Fields fields_of(const std::string& name, const YAML::Node& node) {
  Fields fields{
      "config file, destination " + name, [](const std::string& field) { return field; }, {}};
  if (!node.IsMap()) {
    throw SettingError(fields.place + ": it should map names to values");
  }
  // As variables: then both forms mean the same here as there.
  std::map<std::string, std::string> said;
  for (const auto& entry : node) {
    auto field = upper(entry.first.Scalar());
    if (field == "RETENTION") {
      continue;  // its rules are read by those who prune
    }
    said[field] = entry.second.IsScalar() ? entry.second.Scalar() : "";
    const auto plain = field.ends_with("_FILE") ? field.substr(0, field.size() - 5) : field;
    if (std::ranges::none_of(kFields, [&](auto one) { return upper(std::string(one)) == plain; })) {
      throw SettingError(fields.place + ": " + entry.first.Scalar() + " is unknown");
    }
  }
  const Environment as_variables = [&](const std::string& field) -> std::optional<std::string> {
    const auto found = said.find(field);
    return found == said.end() ? std::nullopt : std::optional(found->second);
  };
  for (const auto field : kFields) {
    fields.values[std::string(field)] =
        read_variable(as_variables, upper(std::string(field))).value_or("");
  }
  return fields;
}

void add_from_file(std::string_view yaml, std::vector<Destination>& destinations) {
  try {
    const auto root = YAML::Load(std::string(yaml));
    const auto said = root.IsMap() ? root["destinations"] : YAML::Node();
    for (const auto& entry : said) {
      const auto name = entry.first.Scalar();
      if (!valid_snapshot_name(name)) {
        throw SettingError("config file: destination \"" + name +
                           "\": a name has letters, digits, '.', '-' and '_'");
      }
      if (std::ranges::find(destinations, name, &Destination::name) != destinations.end()) {
        throw SettingError("config file: destination " + name + " is set up twice");
      }
      destinations.push_back(destination_of(name, fields_of(name, entry.second)));
    }
  } catch (const YAML::Exception& error) {
    throw SettingError("config file, line " + std::to_string(error.mark.line + 1) + ": " +
                       error.msg);
  }
}

}  // namespace

std::vector<Destination> read_destinations(const Environment& environment,
                                           std::string_view config_yaml) {
  std::vector<Destination> destinations;
  const bool geolens = truth(environment, "BACKUP_S3_ENABLED");
  if (geolens || read_variable(environment, "COFFERDAM_S3_BUCKET")) {
    destinations.push_back(destination_of("s3", fields_of(environment, geolens)));
  }
  add_from_file(config_yaml, destinations);
  read_destination_retention(environment, config_yaml);  // refused here, not at the next prune
  return destinations;
}

Destination choose_destination(const std::vector<Destination>& destinations,
                               const std::string& name) {
  if (destinations.empty()) {
    throw SettingError("no destination for copies is set up; docs/remote.md says how");
  }
  if (name.empty()) {
    return destinations.front();
  }
  const auto found = std::ranges::find(destinations, name, &Destination::name);
  if (found != destinations.end()) {
    return *found;
  }
  std::string known;
  for (const auto& destination : destinations) {
    known += (known.empty() ? "" : ", ") + destination.name;
  }
  throw std::invalid_argument("there is no destination \"" + name + "\"; there are " + known);
}

}  // namespace controller
