// How artifacts are compressed: zstd in independent frames, gzip, or not at all.
#pragma once

#include <string>
#include <string_view>

namespace controller {

struct Compression {
  enum class Method { None, Gzip, Zstd };

  Method method = Method::Zstd;
  int level = 3;

  friend bool operator==(const Compression&, const Compression&) = default;
};

/// Reads "zstd", "zstd:3", "gzip:6" or "none".  Throws std::invalid_argument that names the value
/// and the accepted forms; levels: zstd 1-19, gzip 1-9.
Compression parse_compression(std::string_view text);

std::string to_string(const Compression& compression);

/// ".zst", ".gz" or "".
std::string file_extension(const Compression& compression);

/// The method that a file's name says, by the same extensions.
Compression::Method method_of(std::string_view file_name);

}  // namespace controller
