#include "controller/notify/curl_courier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/archive/volume_archive.h"
#include "controller/notify/notify_url.h"
#include "tests/dockerapi/tiny_server.h"

namespace controller {
namespace {

using dockerapi_test::Peer;
using dockerapi_test::TinyServer;
using testing::HasSubstr;

std::string host_of(const TinyServer& server) {
  return "127.0.0.1:" + std::to_string(server.endpoint().port);
}

NotifyEvent test_event() {
  NotifyEvent event;
  event.host = "box";
  return event;
}

/// Empty: it was delivered.
std::string problem(const std::string& url, const std::vector<std::string>& allowed = {"127.0.0.1"},
                    const std::stop_token& stop = {}) {
  const auto courier = make_curl_courier(allowed);
  try {
    courier->deliver(parse_notify_url(url).at(0), test_event(), {"d1", {}}, stop);
  } catch (const NotDelivered& error) {
    return error.what();
  }
  return {};
}

/// Answers every request with this.
TinyServer::Script answering(const std::string& answer, std::string& request) {
  return [answer, &request](Peer& peer) {
    request = peer.read_request();
    peer.write("HTTP/1.1 " + answer);
  };
}

TEST(CurlCourier, TellsAWebhook) {
  std::string request;
  TinyServer server(TinyServer::Transport::Tcp,
                    answering("200 OK\r\nContent-Length: 0\r\n\r\n", request));

  EXPECT_EQ(problem("http://" + host_of(server) + "/hook#secret=key"), "");

  EXPECT_THAT(request, testing::StartsWith("POST /hook HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Cofferdam-Signature: sha256="));
  EXPECT_THAT(request, HasSubstr("\r\n\r\n{\"event\":\"test\""));
}

TEST(CurlCourier, SaysWhatTheServiceSaidWithoutSecrets) {
  std::string request;
  TinyServer server(TinyServer::Transport::Tcp,
                    answering("401 No\r\nContent-Length: 20\r\n\r\nno such token: hush!", request));

  EXPECT_EQ(problem("gotify://" + host_of(server) + "/hush?disabletls=yes"),
            "answered 401: no such token: …!");
}

TEST(CurlCourier, FollowsNoRedirect) {
  std::string request;
  int asked = 0;
  TinyServer server(TinyServer::Transport::Tcp, [&](Peer& peer) {
    peer.read_request();
    ++asked;
    peer.write("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });

  EXPECT_THAT(problem("http://" + host_of(server)), HasSubstr("a redirect, which is not followed"));
  EXPECT_EQ(asked, 1);
}

TEST(CurlCourier, ConnectsToNoRiskyAddressUnlessTheHostIsAllowed) {
  TinyServer server(TinyServer::Transport::Tcp, [](Peer&) { ADD_FAILURE() << "it connected"; });

  EXPECT_EQ(problem("http://" + host_of(server), {}), "connections to 127.0.0.1 are not allowed");
  EXPECT_EQ(problem("smtp://" + host_of(server) + "/?from=a@b&to=c@d", {"other"}),
            "connections to 127.0.0.1 are not allowed");
}

TEST(CurlCourier, TakesAnAppriseWithoutListenersForAFailure) {
  std::string request;
  TinyServer server(TinyServer::Transport::Tcp, answering("204 None\r\n\r\n", request));

  EXPECT_THAT(problem("apprise://" + host_of(server) + "/key"), HasSubstr("nobody to tell"));
}

/// A mail server that speaks to one client and keeps what it was given.
TinyServer::Script mail_server(std::string& heard, const std::string& features) {
  return [&heard, features](Peer& peer) {
    peer.write("220 mail ESMTP\r\n");
    bool in_text = false;
    for (auto line = peer.read_some(); !line.empty(); line = peer.read_some()) {
      heard += line;
      if (in_text) {
        in_text = !heard.ends_with("\r\n.\r\n");
        if (!in_text) {
          peer.write("250 queued\r\n");
        }
      } else if (line.starts_with("EHLO")) {
        peer.write("250-mail\r\n" + features + "250 8BITMIME\r\n");
      } else if (line.starts_with("DATA")) {
        in_text = true;
        peer.write("354 go on\r\n");
      } else if (line.starts_with("QUIT")) {
        peer.write("221 bye\r\n");
      } else if (line.starts_with("AUTH")) {
        peer.write("334 \r\n");
      } else if (line.starts_with("AG1lAGh1c2g=")) {
        peer.write("235 welcome\r\n");
      } else {
        peer.write("250 ok\r\n");
      }
    }
  };
}

TEST(CurlCourier, HandsMailToAServer) {
  std::string heard;
  {
    TinyServer server(TinyServer::Transport::Tcp, mail_server(heard, ""));
    EXPECT_EQ(problem("smtp://" + host_of(server) + "/?from=me@box&to=a@b,c@d"), "");
  }

  EXPECT_THAT(heard, HasSubstr("MAIL FROM:<me@box>"));
  EXPECT_THAT(heard, HasSubstr("RCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\n"));
  EXPECT_THAT(heard, HasSubstr("Subject: box: test of notifications\r\n"));
}

TEST(CurlCourier, SendsNoPasswordThroughAnOpenLine) {
  std::string heard;
  {
    TinyServer server(TinyServer::Transport::Tcp, mail_server(heard, "250-AUTH PLAIN\r\n"));
    EXPECT_NE(problem("smtp://me:hush@" + host_of(server) + "/?from=me@box&to=a@b"), "");
    EXPECT_THAT(heard, testing::Not(HasSubstr("AUTH")));

    EXPECT_EQ(problem("smtp://me:hush@" + host_of(server) + "/?from=me@box&to=a@b&encryption=none"),
              "");
  }
  EXPECT_THAT(heard, HasSubstr("AUTH PLAIN\r\nAG1lAGh1c2g=\r\n"));
}

TEST(CurlCourier, StopsInTheMiddle) {
  std::stop_source stop;
  TinyServer server(TinyServer::Transport::Tcp, [&](Peer& peer) {
    peer.read_request();
    stop.request_stop();
    peer.read_to_end();
  });

  EXPECT_THROW(problem("http://" + host_of(server), {"127.0.0.1"}, stop.get_token()), Interrupted);
}

}  // namespace
}  // namespace controller
