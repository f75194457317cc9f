// The hijacked stream of an attach or an exec: bytes of a container's stdin, stdout and stderr.
#pragma once

#include <optional>
#include <string_view>

namespace dockerapi {

enum class Channel { Stdout, Stderr };

/// Some output; `bytes` is valid until the next read().
struct Chunk {
  Channel channel = Channel::Stdout;
  std::string_view bytes;
};

/// One connection, with back-pressure in both directions: who does not read blocks the writer in
/// the container.
///
/// One thread may read while another writes; cancel() may come from any thread.  Destroying the
/// stream closes the connection; the process in the container goes on without it.
class Stream {
 public:
  virtual ~Stream() = default;

  /// Blocks until there is output; absent at the end.  A clean end proves nothing about
  /// completeness: the process may have been killed.  Throws Unreachable if the connection broke,
  /// Cancelled after cancel().
  virtual std::optional<Chunk> read() = 0;

  /// Blocks until all of `bytes` is sent.  Throws Error if the other end closed its stdin, after
  /// which read() still delivers what it says.
  virtual void write(std::string_view bytes) = 0;

  /// End of our input: the process sees EOF.  Output still arrives.
  virtual void close_stdin() = 0;

  /// Makes every running and later read() and write() throw Cancelled.
  virtual void cancel() noexcept = 0;
};

}  // namespace dockerapi
