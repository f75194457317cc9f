#include "controller/snapshot/byte_escapes.h"

#include <array>
#include <cstdint>
#include <stdexcept>

namespace controller {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kDigits = "0123456789ABCDEF";

unsigned byte_of(char one) {
  return static_cast<unsigned char>(one);
}

std::size_t length_by_lead(unsigned lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC0 && lead < 0xE0) {
    return 2;
  }
  if (lead >= 0xE0 && lead < 0xF0) {
    return 3;
  }
  return lead >= 0xF0 && lead < 0xF8 ? 4 : 0;
}

/// The shortest form only, no surrogates, nothing above U+10FFFF: RFC 3629.
bool is_scalar(std::uint32_t code, std::size_t length) {
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  return code >= kLeast[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
  const std::size_t length = bytes.empty() ? 0 : length_by_lead(byte_of(bytes[0]));
  if (length <= 1 || length > bytes.size()) {
    return length > bytes.size() ? 0 : length;
  }
  std::uint32_t code = byte_of(bytes[0]) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_of(bytes[i]) & 0xC0U) != 0x80U) {
      return 0;
    }
    code = (code << 6U) | (byte_of(bytes[i]) & 0x3FU);
  }
  return is_scalar(code, length) ? length : 0;
}

std::string escape_bytes(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = bytes.starts_with(kReplacement) ? 0 : utf8_length(bytes);
    if (length > 0) {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
      continue;
    }
    text += kReplacement;
    text += kDigits[byte_of(bytes[0]) >> 4U];
    text += kDigits[byte_of(bytes[0]) & 0xFU];
    bytes.remove_prefix(1);
  }
  return text;
}

std::string unescape_bytes(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const auto plain = text.substr(0, text.find(kReplacement));
    bytes += plain;
    text.remove_prefix(plain.size());
    if (text.empty()) {
      break;
    }
    const auto escape = text.substr(0, kReplacement.size() + 2);
    const auto high = escape.size() < 5 ? std::string_view::npos : kDigits.find(escape[3]);
    const auto low = escape.size() < 5 ? std::string_view::npos : kDigits.find(escape[4]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      throw std::invalid_argument("U+FFFD without two hex digits");
    }
    bytes += static_cast<char>(high * 16 + low);
    text.remove_prefix(escape.size());
  }
  return bytes;
}

}  // namespace controller
