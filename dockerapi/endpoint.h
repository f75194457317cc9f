// Where an engine listens, and how it is to be believed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace dockerapi {

/// Files of a TLS client, as in DOCKER_CERT_PATH.
struct TlsFiles {
  std::string authority;    // ca.pem: who signed the engine's certificate
  std::string certificate;  // cert.pem
  std::string key;          // key.pem

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

struct Endpoint {
  std::string socket;  // path of a unix socket; empty: TCP
  std::string host;
  std::uint16_t port = 0;
  std::optional<TlsFiles> tls;  // of TCP only

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Returns the value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// Reads DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH as the docker CLI does; without them
/// it is unix:///var/run/docker.sock.  Throws InvalidEndpoint.
Endpoint endpoint_from(const Environment& environment);

/// endpoint_from() of this process's own environment.
Endpoint endpoint_from_environment();

/// As DOCKER_HOST would have it: "unix:///var/run/docker.sock", "tcp://10.0.0.5:2376".
std::string to_string(const Endpoint& endpoint);

}  // namespace dockerapi
