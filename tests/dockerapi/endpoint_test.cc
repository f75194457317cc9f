#include "dockerapi/endpoint.h"

#include <gtest/gtest.h>

#include <map>

#include "dockerapi/error.h"

namespace dockerapi {
namespace {

using Variables = std::map<std::string, std::string>;

Endpoint from(const Variables& variables) {
  return endpoint_from([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

std::string refusal_of(const Variables& variables) {
  try {
    from(variables);
  } catch (const InvalidEndpoint& error) {
    return error.what();
  }
  return "";
}

TEST(Endpoint, IsTheUsualSocketUnlessSaidOtherwise) {
  EXPECT_EQ(from({}), (Endpoint{"/var/run/docker.sock", "", 0, std::nullopt}));
  EXPECT_EQ(from({{"DOCKER_HOST", ""}}).socket, "/var/run/docker.sock");
}

TEST(Endpoint, ReadsASocketsPath) {
  EXPECT_EQ(from({{"DOCKER_HOST", "unix:///run/podman/podman.sock"}}).socket,
            "/run/podman/podman.sock");
}

TEST(Endpoint, ReadsHostAndPort) {
  EXPECT_EQ(from({{"DOCKER_HOST", "tcp://db.lan:1234"}}),
            (Endpoint{"", "db.lan", 1234, std::nullopt}));
  EXPECT_EQ(from({{"DOCKER_HOST", "tcp://db.lan"}}).port, 2375);
  EXPECT_EQ(from({{"DOCKER_HOST", "tcp://db.lan:1234/"}}).port, 1234);
  EXPECT_EQ(from({{"DOCKER_HOST", "tcp://[::1]:99"}}), (Endpoint{"", "::1", 99, std::nullopt}));
  EXPECT_EQ(from({{"DOCKER_HOST", "tcp://[::1]"}}).port, 2375);
}

TEST(Endpoint, UsesTlsIfItIsToBeVerified) {
  const auto endpoint = from({{"DOCKER_HOST", "tcp://db.lan"},
                              {"DOCKER_TLS_VERIFY", "1"},
                              {"DOCKER_CERT_PATH", "/certs"}});

  EXPECT_EQ(endpoint.port, 2376);
  EXPECT_EQ(endpoint.tls, (TlsFiles{"/certs/ca.pem", "/certs/cert.pem", "/certs/key.pem"}));
}

TEST(Endpoint, LooksForCertificatesAtHome) {
  const auto endpoint = from(
      {{"DOCKER_HOST", "tcp://db.lan"}, {"DOCKER_TLS_VERIFY", "1"}, {"HOME", "/home/operator"}});

  EXPECT_EQ(endpoint.tls->authority, "/home/operator/.docker/ca.pem");
}

TEST(Endpoint, TakesAnEmptyVerifyForNo) {
  EXPECT_FALSE(from({{"DOCKER_HOST", "tcp://db.lan"}, {"DOCKER_TLS_VERIFY", ""}}).tls);
}

TEST(Endpoint, RefusesWhatItCannotUse) {
  EXPECT_EQ(refusal_of({{"DOCKER_HOST", "ssh://host"}}),
            "cannot use DOCKER_HOST 'ssh://host': only unix:// and tcp:// are supported");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "unix://relative"}}), "");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "unix:///" + std::string(107, 'x')}}), "");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "tcp://"}}), "");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "tcp://h:port"}}), "");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "tcp://h:0"}}), "");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "tcp://h:70000"}}), "");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "tcp://h:1/path"}}), "");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "tcp://[::1"}}), "");
  EXPECT_NE(refusal_of({{"DOCKER_HOST", "tcp://[::1]99"}}), "");
}

TEST(Endpoint, IsWrittenAsItIsRead) {
  for (const std::string host : {"unix:///a/b.sock", "tcp://h:1", "tcp://[::1]:99"}) {
    EXPECT_EQ(to_string(from({{"DOCKER_HOST", host}})), host);
  }
}

}  // namespace
}  // namespace dockerapi
