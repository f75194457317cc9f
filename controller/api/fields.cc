#include "controller/api/fields.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "controller/api/http_status.h"
#include "controller/api/problem.h"

namespace controller {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kMostTexts = 1000;

[[noreturn]] void refuse(const std::string& detail) {
  throw ApiProblem(http_status::kBadRequest, "bad-request", detail);
}

const Field& known_field(const std::vector<Field>& fields, const std::string& name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  if (found == fields.end()) {
    std::string known;
    for (const auto& field : fields) {
      known += (known.empty() ? "" : ", ") + field.name;
    }
    refuse("\"" + name + "\" means nothing here; there " +
           (known.empty() ? "is nothing to say" : "are " + known));
  }
  return *found;
}

std::string checked_text(const std::string& name, const std::string& text) {
  const auto is_control = [](char one) {
    return static_cast<unsigned char>(one) < ' ' || one == '\x7f';
  };
  if (text.size() > kLongestText || std::ranges::any_of(text, is_control)) {
    refuse(name + " has control characters, or more than 4096 bytes");
  }
  return text;
}

std::string text_of(const std::string& name, const Json& value) {
  if (!value.is_string()) {
    refuse(name + " must be a text");
  }
  return checked_text(name, value.get<std::string>());
}

std::vector<std::string> texts_of(const std::string& name, const Json& value) {
  if (!value.is_array() || value.size() > kMostTexts) {
    refuse(name + " must be an array of texts, 1000 at most");
  }
  std::vector<std::string> texts;
  for (const auto& one : value) {
    texts.push_back(text_of(name, one));
  }
  return texts;
}

std::int64_t number_of(const std::string& name, const Json& value) {
  if (!value.is_number_integer()) {
    refuse(name + " must be a whole number");
  }
  return value.get<std::int64_t>();
}

std::int64_t flag_of(const std::string& name, const Json& value) {
  if (!value.is_boolean()) {
    refuse(name + " must be true or false");
  }
  return value.get<bool>() ? 1 : 0;
}

/// A text of the query as the value that a body would have.
Json value_of(const Field& field, const std::string& text) {
  if (field.kind == FieldKind::Flag && (text == "true" || text == "false")) {
    return text == "true";
  }
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (field.kind == FieldKind::Number && problem == std::errc() && stop == end) {
    return number;
  }
  return text;
}

Json parsed(const std::string& body) {
  auto json = body.empty() ? Json::object() : Json::parse(body, nullptr, false);
  if (!json.is_object()) {
    refuse("the body must be a JSON object");
  }
  return json;
}

void check_required(const std::vector<Field>& fields, const Json& json) {
  for (const auto& field : fields) {
    if (field.required && !json.contains(field.name)) {
      refuse(field.name + " is missing: " + field.help);
    }
  }
}

}  // namespace

std::string FieldValues::text(const std::string& name) const {
  const auto found = texts_.find(name);
  return found == texts_.end() || found->second.empty() ? std::string() : found->second.front();
}

std::vector<std::string> FieldValues::texts(const std::string& name) const {
  const auto found = texts_.find(name);
  return found == texts_.end() ? std::vector<std::string>() : found->second;
}

std::int64_t FieldValues::number(const std::string& name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? 0 : found->second;
}

bool FieldValues::flag(const std::string& name) const {
  return number(name) != 0;
}

FieldValues read_body(const std::vector<Field>& fields, const std::string& body) {
  const auto json = parsed(body);
  check_required(fields, json);
  FieldValues values;
  for (const auto& [name, value] : json.items()) {
    switch (known_field(fields, name).kind) {
      case FieldKind::Text:
        values.texts_[name] = {text_of(name, value)};
        break;
      case FieldKind::Texts:
        values.texts_[name] = texts_of(name, value);
        break;
      case FieldKind::Flag:
        values.numbers_[name] = flag_of(name, value);
        break;
      case FieldKind::Number:
        values.numbers_[name] = number_of(name, value);
        break;
    }
  }
  return values;
}

FieldValues read_query(const std::vector<Field>& fields,
                       const std::multimap<std::string, std::string>& query) {
  auto json = Json::object();
  for (const auto& [name, text] : query) {
    const auto& field = known_field(fields, name);
    if (field.kind == FieldKind::Texts) {
      json[name].push_back(text);
    } else if (json.contains(name)) {
      refuse(name + " is given twice");
    } else {
      json[name] = value_of(field, text);
    }
  }
  return read_body(fields, json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace controller
