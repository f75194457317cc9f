#include "controller/database/sql_text.h"

namespace controller {

namespace {

constexpr std::size_t kLongestName = 63;

bool plain_in_file_name(char one) {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
         one == '-' || one == '_' || one == '.';
}

std::string percent(char one) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(one);
  return {'%', kDigits[byte >> 4U], kDigits[byte & 0xfU]};
}

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char one : name) {
    quoted.append(one == '"' ? 2 : 1, one);
  }
  return quoted + '"';
}

std::string quoted_text(std::string_view text) {
  const bool backslash = text.find('\\') != std::string_view::npos;
  std::string quoted = backslash ? "E'" : "'";
  for (const char one : text) {
    quoted.append(one == '\'' || one == '\\' ? 2 : 1, one);
  }
  return quoted + '\'';
}

std::string connection_string(const std::map<std::string, std::string>& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    text += text.empty() ? "" : " ";
    text += name + "='";
    for (const char one : value) {
      text += one == '\'' || one == '\\' ? "\\" : "";
      text += one;
    }
    text += '\'';
  }
  return text;
}

std::string derived_name(std::string_view database, std::string_view suffix) {
  std::size_t length = database.size();
  if (length + suffix.size() > kLongestName) {
    length = kLongestName - suffix.size();
    // Not within a UTF-8 character.
    while (length > 0 && (static_cast<unsigned char>(database[length]) & 0xc0U) == 0x80U) {
      --length;
    }
  }
  std::string name(database.substr(0, length));
  return name.append(suffix);
}

std::string file_name_of(std::string_view database) {
  // globals.sql lies in the same folder.
  const bool escape_first = database == "globals" || database.starts_with('.');
  std::string name;
  for (const char one : database) {
    const bool escape = (name.empty() && escape_first) || !plain_in_file_name(one);
    name += escape ? percent(one) : std::string(1, one);
  }
  return name;
}

}  // namespace controller
