// One file of a snapshot while it is written and while it is read back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "controller/archive/compression.h"

namespace controller {

/// A stored file is not what it was when it was written: cut, changed, or not of its format.
class IntegrityError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A file system had no room: bytes or inodes (ENOSPC, EDQUOT).  Names the file.
class NoSpace : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ArtifactDigest {
  std::uint64_t raw_bytes = 0;     // before compression
  std::uint64_t stored_bytes = 0;  // size of the file
  std::string sha256;              // of the stored bytes, lower-case hex

  friend bool operator==(const ArtifactDigest&, const ArtifactDigest&) = default;
};

/// Writes one artifact: compresses on `threads` threads, hashes, writes.
///
/// The file appears at `path` at once and counts only after close().  Destroyed without close(),
/// the sink removes it.  One thread writes.  Memory is bounded whatever the size.
class ArtifactSink {
 public:
  /// Throws std::system_error (or NoSpace) if the file cannot be created; it must not exist.
  ArtifactSink(std::filesystem::path path, Compression compression, unsigned threads);
  ArtifactSink(const ArtifactSink&) = delete;
  ArtifactSink& operator=(const ArtifactSink&) = delete;
  ~ArtifactSink();

  /// Throws NoSpace or std::system_error, also for an earlier piece.
  void write(std::string_view bytes);

  /// Flushes, syncs the file, and says what it is.  After a throw the file is gone.
  ArtifactDigest close();

  /// Bytes taken and stored so far, for progress.
  [[nodiscard]] std::uint64_t raw_bytes() const;
  [[nodiscard]] std::uint64_t stored_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads one artifact back: reads ahead, hashes, decompresses on `threads` threads.
class ArtifactSource {
 public:
  /// The method is taken from the name.  Throws std::system_error if the file cannot be opened.
  ArtifactSource(std::filesystem::path path, unsigned threads);
  ArtifactSource(const ArtifactSource&) = delete;
  ArtifactSource& operator=(const ArtifactSource&) = delete;
  ~ArtifactSource();

  /// The next decompressed bytes, valid until the next call; empty at the end of the file.
  /// Throws IntegrityError if the file is cut or damaged.
  std::string_view read();

  /// Reads what is left and says what the whole file was.
  ArtifactDigest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
