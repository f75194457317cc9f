#include "controller/snapshot/shell_quote.h"

#include <algorithm>

#include "controller/snapshot/byte_escapes.h"

namespace controller {
namespace {

bool is_control(char one) {
  return static_cast<unsigned char>(one) < 0x20 || one == 0x7F;
}

bool is_plain(char one) {
  constexpr std::string_view kPlain = "-_./:=@%+,";
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
         kPlain.find(one) != std::string_view::npos;
}

/// Length of the printable UTF-8 character at the start; 0 if there is none.  U+0080 to U+009F are
/// control characters too.
std::size_t printable_length(std::string_view bytes) {
  const std::size_t length = utf8_length(bytes);
  const bool high_control =
      length == 2 && bytes[0] == '\xC2' && static_cast<unsigned char>(bytes[1]) < 0xA0;
  return length == 0 || high_control || is_control(bytes[0]) ? 0 : length;
}

bool is_printable(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = printable_length(bytes);
    if (length == 0) {
      return false;
    }
    bytes.remove_prefix(length);
  }
  return true;
}

std::string in_apostrophes(std::string_view bytes) {
  std::string word = "'";
  for (const char one : bytes) {
    word += one == '\'' ? std::string("'\\''") : std::string(1, one);
  }
  return word + "'";
}

/// Octal with three digits: unlike \x it cannot run into the digits that follow.
std::string with_escapes(std::string_view bytes) {
  std::string word = "$'";
  for (const char one : bytes) {
    if (is_plain(one) || one == ' ') {
      word += one;
      continue;
    }
    const auto code = static_cast<unsigned char>(one);
    word += '\\';
    for (const unsigned shift : {6U, 3U, 0U}) {
      word += static_cast<char>('0' + ((code >> shift) & 7U));
    }
  }
  return word + "'";
}

}  // namespace

std::string shell_quoted(std::string_view bytes) {
  if (!bytes.empty() && std::ranges::all_of(bytes, is_plain)) {
    return std::string(bytes);
  }
  return is_printable(bytes) ? in_apostrophes(bytes) : with_escapes(bytes);
}

std::string shell_command(const std::vector<std::string>& words) {
  std::string command;
  for (const auto& word : words) {
    command += (command.empty() ? "" : " ") + shell_quoted(word);
  }
  return command;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string line;
  while (!text.empty()) {
    const std::size_t length = printable_length(text);
    if (length == 0) {
      const auto code = static_cast<unsigned char>(text.front());
      line += {'\\', 'x', kDigits[code >> 4U], kDigits[code & 15U]};
    } else {
      line += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return line;
}

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t length = printable_length(text);
    line += length == 0 ? "?" : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return line;
}

}  // namespace controller
