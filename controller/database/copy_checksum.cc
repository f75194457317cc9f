#include "controller/database/copy_checksum.h"

// Its functions are compiled into this file: no shared library is needed.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace controller {

namespace {

constexpr std::string_view kEndOfData = "\\.";

}  // namespace

struct CopyChecksum::LongLine {
  XXH3_state_t state;
};

std::string checksum_text(std::uint64_t checksum) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t at = text.size(); at > 0; --at) {
    text[at - 1] = kDigits[checksum & 0xfU];
    checksum >>= 4U;
  }
  return text;
}

CopyChecksum::CopyChecksum() : long_line_(std::make_unique<LongLine>()) {}

CopyChecksum::~CopyChecksum() = default;

void CopyChecksum::reset() {
  pending_ = 0;
  ended_ = false;
  totals_ = {};
}

std::string_view CopyChecksum::feed(std::string_view bytes) {
  while (!bytes.empty() && !ended_) {
    const auto newline = bytes.find('\n');
    const auto line = bytes.substr(0, newline);
    if (newline == std::string_view::npos || pending_ > 0) {
      if (pending_ == 0) {
        XXH3_64bits_reset(&long_line_->state);
      }
      for (std::size_t at = 0; at < line.size() && pending_ + at < sizeof head_; ++at) {
        head_[pending_ + at] = line[at];
      }
      XXH3_64bits_update(&long_line_->state, line.data(), line.size());
      pending_ += line.size();
    }
    if (newline == std::string_view::npos) {
      return {};
    }
    add_line(line);
    bytes.remove_prefix(newline + 1);
  }
  return bytes;
}

void CopyChecksum::add_line(std::string_view line) {
  const bool whole = pending_ == 0;
  const std::string_view text =
      whole ? line : std::string_view(head_, std::min<std::size_t>(sizeof head_, pending_));
  const std::uint64_t length = whole ? line.size() : pending_;
  if (length == kEndOfData.size() && text == kEndOfData) {
    ended_ = true;
  } else {
    totals_.checksum +=
        whole ? XXH3_64bits(line.data(), line.size()) : XXH3_64bits_digest(&long_line_->state);
    ++totals_.rows;
  }
  pending_ = 0;
}

}  // namespace controller
