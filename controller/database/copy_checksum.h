// What the rows of a table are, in two numbers: how many, and a checksum of their COPY lines.
//
// The checksum is the sum, modulo 2^64, of XXH3-64 (seed 0) of every line without its newline.  It
// does not depend on the order of the rows, which changes with every restore.  Part of the
// snapshot format: never change it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace controller {

struct CopyTotals {
  std::uint64_t rows = 0;
  std::uint64_t checksum = 0;

  friend bool operator==(const CopyTotals&, const CopyTotals&) = default;
};

/// 16 hex digits, as the manifest has it.
std::string checksum_text(std::uint64_t checksum);

/// Counts and hashes text in COPY's text format, fed in pieces of any size.  A newline always ends
/// a row, since COPY escapes those within values.  Memory is bounded, however long a row is.
class CopyChecksum {
 public:
  CopyChecksum();
  CopyChecksum(const CopyChecksum&) = delete;
  CopyChecksum& operator=(const CopyChecksum&) = delete;
  ~CopyChecksum();

  /// Takes `bytes` up to and including the line "\." that ends the data of a dump; returns what
  /// follows it, empty while it has not come.
  std::string_view feed(std::string_view bytes);

  /// True once "\." was seen.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] const CopyTotals& totals() const { return totals_; }

  /// Starts over for the next table.
  void reset();

 private:
  void add_line(std::string_view line);

  struct LongLine;  // the hash of a line that came in several pieces
  std::unique_ptr<LongLine> long_line_;
  std::uint64_t pending_ = 0;  // bytes of the unfinished line
  char head_[2] = {};          // its first two bytes, to recognise "\."
  bool ended_ = false;
  CopyTotals totals_;
};

}  // namespace controller
