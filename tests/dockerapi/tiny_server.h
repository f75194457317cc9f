// A server that answers as a test tells it to, on a socket of its own.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "dockerapi/endpoint.h"

namespace dockerapi_test {

/// The server's side of one connection.
class Peer {
 public:
  virtual ~Peer() = default;

  virtual void write(std::string_view bytes) = 0;

  /// What has come, at least a byte; empty at the end.
  std::string read_some();

  /// A request's head, and its body as far as Content-Length says.
  std::string read_request();

  /// What comes after the request, up to the client's half close.
  std::string read_to_end();

 private:
  virtual std::string receive() = 0;

  std::string ahead_;
};

/// Certificates for 127.0.0.1, made anew: an authority, a server and a client, as PEM files in
/// `folder` (ca.pem, server.pem, server-key.pem, cert.pem, key.pem).
void make_certificates(const std::string& folder);

/// Runs `script` for every connection, one after the other.
class TinyServer {
 public:
  using Script = std::function<void(Peer&)>;

  enum class Transport { Unix, Tcp, Tls };

  TinyServer(Transport transport, Script script);
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;
  ~TinyServer();

  [[nodiscard]] dockerapi::Endpoint endpoint() const;

  /// Where its certificates and its socket are.
  [[nodiscard]] std::string folder() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dockerapi_test
