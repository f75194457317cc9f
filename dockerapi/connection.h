// One connection to an engine, as bytes: over a unix socket, TCP, or TLS.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "dockerapi/endpoint.h"

namespace dockerapi {

/// One thread may read while another writes; cancel() may come from any thread.
class Connection {
 public:
  /// Throws Unreachable if nobody answers there, or if the TLS peer is not to be believed.
  explicit Connection(const Endpoint& endpoint);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Of a TLS connection: throws Unreachable if the engine refuses us (see TlsSession).
  void hear_refusal(std::chrono::milliseconds limit);

  /// Blocks for up to `room` bytes; 0 at the end.  Throws Unreachable, Cancelled.
  std::size_t read(char* into, std::size_t room);

  /// Blocks until all is sent.  Throws Error if the peer reads no more, which does not keep it
  /// from having said something; Unreachable, Cancelled.
  void write(std::string_view bytes);

  /// Half close: the peer sees the end of our bytes, and its own still arrive.
  void close_write();

  /// Makes every running and later call throw Cancelled.
  void cancel() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "cannot reach the engine at unix:///x: <cause>.", and what to do about it.
std::string unreachable_text(const Endpoint& endpoint, const std::string& cause);

}  // namespace dockerapi
