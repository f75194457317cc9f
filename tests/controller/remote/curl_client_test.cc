#include "controller/remote/curl_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/archive/volume_archive.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/dockerapi/tiny_server.h"

namespace controller {
namespace {

using dockerapi_test::Peer;
using dockerapi_test::TinyServer;
using testing::HasSubstr;

std::string url_of(const TinyServer& server, const std::string& scheme = "http") {
  return scheme + "://127.0.0.1:" + std::to_string(server.endpoint().port) + "/a%2Fb/../c?x=1";
}

HttpBody text(const std::string& bytes) {
  return {bytes.size(), [bytes](std::uint64_t offset, char* into, std::size_t most) {
            return bytes.copy(into, most, offset);
          }};
}

NoAnswer::Retry retry_of(HttpClient& client, const std::string& url) {
  try {
    client.exchange({"GET", url, {}, {}}, {});
  } catch (const NoAnswer& error) {
    return error.retry();
  }
  throw std::logic_error("there was an answer");
}

TEST(CurlClient, SendsExactlyWhatItIsTold) {
  std::string request;
  TinyServer server(TinyServer::Transport::Tcp, [&](Peer& peer) {
    request = peer.read_request();
    peer.write("HTTP/1.1 201 Made\r\nETag:  \"x\" \r\nContent-Length: 4\r\n\r\nbody");
  });
  const auto client = make_curl_client("", {});

  const auto answer =
      client->exchange({"PUT", url_of(server), {{"x-one", "two"}}, text("hello")}, {});

  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.headers.at("etag"), "\"x\"");
  EXPECT_EQ(answer.body, "body");
  EXPECT_THAT(request, testing::StartsWith("PUT /a%2Fb/../c?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("x-one: two\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(request, testing::Not(HasSubstr("Expect")));
  EXPECT_THAT(request, testing::EndsWith("\r\n\r\nhello"));
}

TEST(CurlClient, TakesNoPartOfAnAnswerForAnAnswer) {
  TinyServer server(TinyServer::Transport::Tcp, [](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nbody");
  });

  EXPECT_EQ(retry_of(*make_curl_client("", {}), url_of(server)), NoAnswer::Retry::Sensible);
}

TEST(CurlClient, TriesAnewAfterItGotNoConnection) {
  const auto client = make_curl_client("", {});

  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(retry_of(*client, "http://127.0.0.1:1/"), NoAnswer::Retry::Sensible);
    EXPECT_EQ(retry_of(*client, "http://storage.invalid/"), NoAnswer::Retry::Sensible);
  }
}

TEST(CurlClient, TrustsNoStranger) {
  TinyServer server(TinyServer::Transport::Tls, [](Peer& peer) { peer.read_request(); });

  EXPECT_EQ(retry_of(*make_curl_client("", {}), url_of(server, "https")), NoAnswer::Retry::Useless);
}

TEST(CurlClient, TrustsTheAuthorityItIsGiven) {
  TinyServer server(TinyServer::Transport::Tls, [](Peer& peer) { peer.read_request(); });
  const auto client = make_curl_client(read_file(server.folder() + "/ca.pem"), {});

  // It gets as far as being asked for a certificate of its own.
  EXPECT_EQ(retry_of(*client, url_of(server, "https")), NoAnswer::Retry::Sensible);
}

TEST(CurlClient, SpeaksOnlyHttp) {
  EXPECT_EQ(retry_of(*make_curl_client("", {}), "file:///etc/passwd"), NoAnswer::Retry::Useless);
}

TEST(CurlClient, GivesUpARequestThatStalls) {
  TinyServer server(TinyServer::Transport::Tcp, [](Peer& peer) {
    peer.read_request();
    peer.read_to_end();  // the client's end of the connection
  });
  TransferLimits limits;
  limits.stall = std::chrono::seconds(1);

  EXPECT_EQ(retry_of(*make_curl_client("", limits), url_of(server)), NoAnswer::Retry::Sensible);
}

TEST(CurlClient, StopsInTheMiddleOfARequest) {
  std::stop_source stop;
  TinyServer server(TinyServer::Transport::Tcp, [&](Peer& peer) {
    peer.read_request();
    stop.request_stop();
    peer.read_to_end();
  });
  const auto client = make_curl_client("", {});

  EXPECT_THROW(client->exchange({"GET", url_of(server), {}, {}}, stop.get_token()), Interrupted);
}

}  // namespace
}  // namespace controller
