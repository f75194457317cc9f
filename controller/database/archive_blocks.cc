#include "controller/database/archive_blocks.h"

#include <algorithm>
#include <utility>

#include "controller/database/archive_toc.h"

namespace controller {

namespace {

constexpr unsigned char kLargeObjectBlock = 3;

}  // namespace

std::string_view ArchiveBlocks::filter(std::string_view bytes) {
  if (!pending_.empty()) {
    joined_ = std::exchange(pending_, {});
    joined_.append(bytes);
    bytes = joined_;
  }
  passed_.clear();
  // Rows come in chunks of their own: what is passed on is copied in runs, not row by row.
  std::size_t run = 0;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const bool before = passing_;
    const std::size_t used = step(bytes.substr(at));
    if (used == 0) {
      pending_.assign(bytes.substr(at));
      break;
    }
    if (!before && passing_) {
      run = at;
    }
    at += used;
    if (passing_ && stage_ == Stage::Block) {
      passed_.append(bytes.substr(run, at - run));
      passing_ = false;
    }
  }
  if (passing_) {
    passed_.append(bytes.substr(run, at - run));
  }
  return passed_;
}

std::size_t ArchiveBlocks::step(std::string_view bytes) {
  if (left_ > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= size;
    return size;
  }
  switch (stage_) {
    case Stage::Block:
      return begin_block(bytes);
    case Stage::Chunk:
      return begin_chunk(bytes, Stage::Block);
    case Stage::ObjectChunk:
      return begin_chunk(bytes, Stage::Object);
    case Stage::Object:
      break;
  }
  ArchiveCursor cursor(bytes, int_size_);
  const auto object = cursor.integer();
  if (!cursor.complete()) {
    return 0;
  }
  stage_ = object == 0 ? Stage::Block : Stage::ObjectChunk;
  return cursor.position();
}

std::size_t ArchiveBlocks::begin_block(std::string_view bytes) {
  ArchiveCursor cursor(bytes, int_size_);
  const unsigned char kind = cursor.byte();
  const auto id = static_cast<int>(cursor.integer());
  if (!cursor.complete()) {
    return 0;
  }
  passing_ = wanted_.erase(id) > 0;
  stage_ = kind == kLargeObjectBlock ? Stage::Object : Stage::Chunk;
  return cursor.position();
}

std::size_t ArchiveBlocks::begin_chunk(std::string_view bytes, Stage after) {
  ArchiveCursor cursor(bytes, int_size_);
  const auto length = cursor.integer();
  if (!cursor.complete()) {
    return 0;
  }
  left_ = static_cast<std::uint64_t>(std::max<std::int64_t>(length, 0));
  if (left_ == 0) {
    stage_ = after;
  }
  return cursor.position();
}

}  // namespace controller
