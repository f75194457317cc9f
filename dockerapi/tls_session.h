// TLS over a connected, non-blocking socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "dockerapi/endpoint.h"

namespace dockerapi {

/// Throws Unreachable from every call whose connection broke.  One thread may read while another
/// writes: OpenSSL's own object takes turns behind a lock, and nobody waits while holding it.
class TlsSession {
 public:
  /// Shakes hands.  The engine's certificate must be signed by the endpoint's authority and made
  /// out to its host.
  TlsSession(int socket, const Endpoint& endpoint);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  /// Throws Unreachable if the engine refuses us, which with TLS 1.3 it says only after the
  /// handshake.  Waits for that as long as told; to be called before anything is read or written.
  void hear_refusal(std::chrono::milliseconds limit);

  /// 0 at the end.
  std::size_t read(char* into, std::size_t room);

  void write(std::string_view bytes);

  /// Sends close_notify.  A plain shutdown of the socket would cut the answer off.
  void close_write();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dockerapi
