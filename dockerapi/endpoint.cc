#include "dockerapi/endpoint.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "dockerapi/error.h"

namespace dockerapi {

namespace {

constexpr std::string_view kDefaultHost = "unix:///var/run/docker.sock";
constexpr std::uint16_t kPlainPort = 2375;
constexpr std::uint16_t kTlsPort = 2376;

[[noreturn]] void refuse(std::string_view host, const std::string& why) {
  throw InvalidEndpoint("cannot use DOCKER_HOST '" + std::string(host) + "': " + why);
}

std::uint16_t port_from(std::string_view host, std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    refuse(host, "'" + std::string(text) + "' is not a port");
  }
  return port;
}

/// Splits "name", "name:port", "[v6]", "[v6]:port".
void read_address(std::string_view host, std::string_view address, Endpoint& endpoint) {
  std::string_view port;
  if (address.starts_with('[')) {
    const auto bracket = address.find(']');
    if (bracket == std::string_view::npos) {
      refuse(host, "the bracket of its address is not closed");
    }
    endpoint.host = address.substr(1, bracket - 1);
    port = address.substr(bracket + 1);
  } else {
    const auto colon = address.find(':');
    endpoint.host = address.substr(0, colon);
    port = colon == std::string_view::npos ? "" : address.substr(colon);
  }
  if (endpoint.host.empty()) {
    refuse(host, "it names no host");
  }
  if (!port.empty()) {
    if (!port.starts_with(':')) {
      refuse(host, "'" + std::string(port) + "' is not a port");
    }
    endpoint.port = port_from(host, port.substr(1));
  }
}

TlsFiles tls_files(const Environment& environment) {
  auto folder = environment("DOCKER_CERT_PATH").value_or("");
  if (folder.empty()) {
    folder = environment("HOME").value_or("/root") + "/.docker";
  }
  return {folder + "/ca.pem", folder + "/cert.pem", folder + "/key.pem"};
}

}  // namespace

Endpoint endpoint_from(const Environment& environment) {
  auto host = environment("DOCKER_HOST").value_or("");
  if (host.empty()) {
    host = kDefaultHost;
  }
  const std::string_view text = host;
  constexpr std::string_view kUnix = "unix://";
  constexpr std::string_view kTcp = "tcp://";
  Endpoint endpoint;
  if (text.starts_with(kUnix)) {
    endpoint.socket = text.substr(kUnix.size());
    // sun_path holds 108 bytes with the final zero.
    constexpr std::size_t kLongestPath = 107;
    if (!endpoint.socket.starts_with('/') || endpoint.socket.size() > kLongestPath) {
      refuse(host, "a socket needs an absolute path of at most 107 bytes");
    }
    return endpoint;
  }
  if (!text.starts_with(kTcp)) {
    refuse(host, "only unix:// and tcp:// are supported");
  }
  auto address = text.substr(kTcp.size());
  if (address.ends_with('/')) {
    address.remove_suffix(1);
  }
  if (address.find('/') != std::string_view::npos) {
    refuse(host, "a path behind the address is not supported");
  }
  if (!environment("DOCKER_TLS_VERIFY").value_or("").empty()) {
    endpoint.tls = tls_files(environment);
  }
  endpoint.port = endpoint.tls ? kTlsPort : kPlainPort;
  read_address(host, address, endpoint);
  return endpoint;
}

Endpoint endpoint_from_environment() {
  return endpoint_from([](const std::string& name) -> std::optional<std::string> {
    // Nothing in this program changes its environment.
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}

std::string to_string(const Endpoint& endpoint) {
  if (!endpoint.socket.empty()) {
    return "unix://" + endpoint.socket;
  }
  const bool is_v6 = endpoint.host.find(':') != std::string::npos;
  return "tcp://" + (is_v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
         std::to_string(endpoint.port);
}

}  // namespace dockerapi
