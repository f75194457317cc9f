// The data of an archive without that of some entries.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace controller {

/// Sees what follows the table of contents of an archive that was read through before; see
/// archive_reader.h for its blocks.
class ArchiveBlocks {
 public:
  ArchiveBlocks(std::set<int> wanted, unsigned int_size)
      : wanted_(std::move(wanted)), int_size_(int_size) {}

  /// Takes the next bytes and returns those of wanted blocks, valid until the next call.
  std::string_view filter(std::string_view bytes);

  /// True once every wanted block has been passed on.
  [[nodiscard]] bool done() const { return wanted_.empty() && stage_ == Stage::Block; }

 private:
  enum class Stage { Block, Chunk, Object, ObjectChunk };

  /// Uses one header, and the content that it announces; 0: more bytes are needed.
  std::size_t step(std::string_view bytes);
  std::size_t begin_block(std::string_view bytes);
  std::size_t begin_chunk(std::string_view bytes, Stage after);

  std::set<int> wanted_;
  unsigned int_size_;
  Stage stage_ = Stage::Block;
  bool passing_ = false;
  std::uint64_t left_ = 0;  // of the current chunk
  std::string pending_;     // a header that is not whole yet
  std::string joined_;
  std::string passed_;
};

}  // namespace controller
