#include "controller/agent/byte_text.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace controller {
namespace {

// How long the UTF-8 sequence is that starts with `lead`; 0 if none does.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return 2;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    return 3;
  }
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

// The shortest form only, no surrogates, nothing above U+10FFFF: RFC 3629.
bool valid_second_byte(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second <= 0x9F;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second <= 0x8F;
    default:
      return true;
  }
}

// Length of the valid sequence at the start of `bytes`; 0 if it is not one.
std::size_t valid_prefix(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > bytes.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xC0U) != 0x80) {
      return 0;
    }
  }
  const bool valid = length == 1 || valid_second_byte(lead, static_cast<unsigned char>(bytes[1]));
  return valid ? length : 0;
}

}  // namespace

std::string text_from_bytes(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = bytes[0] == '%' ? 0 : valid_prefix(bytes);
    if (length > 0) {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes[0]);
    text += '%';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0x0FU];
    bytes.remove_prefix(1);
  }
  return text;
}

std::string bytes_from_text(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* const first = text.data() + i + 1;
    if (text.size() - i < 3 || std::from_chars(first, first + 2, byte, 16).ptr != first + 2) {
      throw std::invalid_argument("'%' without two hex digits in \"" + std::string(text) + "\"");
    }
    bytes += static_cast<char>(byte);
    i += 2;
  }
  return bytes;
}

}  // namespace controller
