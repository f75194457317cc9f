#include "controller/archive/compression.h"

#include <charconv>
#include <stdexcept>

namespace controller {
namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw std::invalid_argument("unknown compression \"" + std::string(text) +
                              "\": expected zstd, zstd:1 to zstd:19, gzip, gzip:1 to gzip:9, or "
                              "none");
}

int level_from(std::string_view digits, int highest, std::string_view text) {
  int level = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, level);
  if (error != std::errc() || stop != end || level < 1 || level > highest) {
    refuse(text);
  }
  return level;
}

}  // namespace

Compression parse_compression(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const bool has_level = colon != std::string_view::npos;
  const std::string_view level = has_level ? text.substr(colon + 1) : std::string_view();
  if (name == "zstd") {
    return {Compression::Method::Zstd, has_level ? level_from(level, 19, text) : 3};
  }
  if (name == "gzip") {
    return {Compression::Method::Gzip, has_level ? level_from(level, 9, text) : 6};
  }
  if (text == "none") {
    return {Compression::Method::None, 0};
  }
  refuse(text);
}

std::string to_string(const Compression& compression) {
  switch (compression.method) {
    case Compression::Method::Zstd:
      return "zstd:" + std::to_string(compression.level);
    case Compression::Method::Gzip:
      return "gzip:" + std::to_string(compression.level);
    case Compression::Method::None:
      break;
  }
  return "none";
}

std::string file_extension(const Compression& compression) {
  switch (compression.method) {
    case Compression::Method::Zstd:
      return ".zst";
    case Compression::Method::Gzip:
      return ".gz";
    case Compression::Method::None:
      break;
  }
  return "";
}

Compression::Method method_of(std::string_view file_name) {
  if (file_name.ends_with(".zst")) {
    return Compression::Method::Zstd;
  }
  return file_name.ends_with(".gz") ? Compression::Method::Gzip : Compression::Method::None;
}

}  // namespace controller
