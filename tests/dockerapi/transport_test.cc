// The client against servers that answer in every way an engine, a proxy or a stranger might.
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "dockerapi/connection.h"
#include "dockerapi/hijack.h"
#include "dockerapi/http_engine.h"
#include "tests/dockerapi/engine_world.h"
#include "tests/dockerapi/tiny_server.h"

namespace dockerapi_test {
namespace {

using dockerapi::Unreachable;
using Transport = TinyServer::Transport;

constexpr const char* kPing =
    "HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK";

std::string answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

std::string frame(char channel, const std::string& payload) {
  return std::string{channel, 0, 0, 0, 0, 0, 0, static_cast<char>(payload.size())} + payload;
}

std::string chunk(const std::string& content) {
  std::ostringstream text;
  text << std::hex << content.size() << "\r\n" << content << "\r\n";
  return text.str();
}

/// Answers the ping; everything else as `script` says.
TinyServer::Script engine_saying(std::function<void(Peer&, const std::string&)> script) {
  return [script = std::move(script)](Peer& peer) {
    const auto request = peer.read_request();
    if (request.starts_with("GET /_ping ")) {
      peer.write(kPing);
    } else {
      script(peer, request);
    }
  };
}

template <typename Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const dockerapi::Error& error) {
    return error.what();
  }
  return "";
}

TEST(AgreedVersion, IsTheLowerOne) {
  EXPECT_EQ(dockerapi::agreed_version("1.41"), "1.41");
  EXPECT_EQ(dockerapi::agreed_version("1.45"), "1.45");
  EXPECT_EQ(dockerapi::agreed_version("1.55"), "1.45");
}

TEST(AgreedVersion, IsNeverTooOld) {
  EXPECT_EQ(error_of([] { dockerapi::agreed_version("1.40"); }),
            "cannot use this engine: it speaks API 1.40, but at least 1.41 (Docker Engine 20.10) "
            "is needed");
  EXPECT_THROW(dockerapi::agreed_version(""), dockerapi::Error);
  EXPECT_THROW(dockerapi::agreed_version("2.0"), dockerapi::Error);
  EXPECT_THROW(dockerapi::agreed_version("banana"), dockerapi::Error);
}

class EveryTransport : public testing::TestWithParam<Transport> {};

INSTANTIATE_TEST_SUITE_P(Transports, EveryTransport,
                         testing::Values(Transport::Unix, Transport::Tcp, Transport::Tls),
                         [](const auto& which) {
                           return which.param == Transport::Unix  ? "Unix"
                                  : which.param == Transport::Tcp ? "Tcp"
                                                                  : "Tls";
                         });

TEST_P(EveryTransport, CarriesPlainCalls) {
  std::string seen;
  const TinyServer server(GetParam(), engine_saying([&](Peer& peer, const std::string& request) {
                            seen = request;
                            peer.write(answer("200 OK", R"({"Name":"a b"})"));
                          }));
  const auto engine = dockerapi::connect(server.endpoint());

  EXPECT_EQ(engine->inspect_volume("a b/../c").name, "a b");

  EXPECT_TRUE(seen.starts_with("GET /v1.45/volumes/a%20b%2F..%2Fc HTTP/1.1\r\n")) << seen;
}

// Half close: the engine hears the end of our input and still answers.
TEST_P(EveryTransport, HearsAnAnswerAfterClosingItsInput) {
  const TinyServer server(GetParam(), [](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 101 UPGRADED\r\n\r\n");
    const auto input = peer.read_to_end();
    peer.write(frame(1, "got " + std::to_string(input.size())));
  });
  const auto stream = dockerapi::hijack(server.endpoint(), "/x", "", "attach to x");

  stream->write(std::string(3'000'000, 'x'));
  stream->close_stdin();

  EXPECT_EQ(drain(*stream).standard_output, "got 3000000");
}

TEST_P(EveryTransport, ReadsWhileItWrites) {
  const TinyServer server(GetParam(), [](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 101 UPGRADED\r\n\r\n");
    for (auto bytes = peer.read_some(); !bytes.empty(); bytes = peer.read_some()) {
      for (std::size_t at = 0; at < bytes.size(); at += 100) {
        peer.write(frame(1, bytes.substr(at, 100)));
      }
    }
  });
  const auto stream = dockerapi::hijack(server.endpoint(), "/x", "", "attach to x");

  std::thread feeder([&] {
    stream->write(std::string(2'000'000, 'x'));
    stream->close_stdin();
  });
  const auto output = drain(*stream);
  feeder.join();

  EXPECT_EQ(output.standard_output.size(), 2'000'000U);
}

TEST_P(EveryTransport, CancelsABlockedRead) {
  const TinyServer server(GetParam(), [](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 101 UPGRADED\r\n\r\n");
    peer.read_to_end();
  });
  const auto stream = dockerapi::hijack(server.endpoint(), "/x", "", "attach to x");

  std::thread canceller([&] { stream->cancel(); });

  EXPECT_THROW(stream->read(), dockerapi::Cancelled);
  canceller.join();
  EXPECT_THROW(stream->write("x"), dockerapi::Cancelled);
}

TEST(Hijack, AsksForAnUpgrade) {
  std::string seen;
  const TinyServer server(Transport::Unix, [&](Peer& peer) {
    seen = peer.read_request();
    peer.write("HTTP/1.1 101 UPGRADED\r\n\r\n");
  });

  EXPECT_FALSE(dockerapi::hijack(server.endpoint(), "/x?y", "{}", "attach to x")->read());

  EXPECT_EQ(seen,
            "POST /x?y HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

// Trap: without the upgrade the engine says 200, gives no length, and multiplexes all the same.
TEST(Hijack, TakesTwoHundredForAnUpgrade) {
  const TinyServer server(Transport::Unix, [](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n" +
               frame(1, "out") + frame(2, "err"));
  });

  const auto output = drain(*dockerapi::hijack(server.endpoint(), "/x", "", "attach to x"));

  EXPECT_EQ(output.standard_output, "out");
  EXPECT_EQ(output.standard_error, "err");
}

TEST(Hijack, TellsABrokenStreamFromAnEndedOne) {
  const TinyServer server(Transport::Unix, [](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 101 UPGRADED\r\n\r\n" + frame(1, "whole") +
               frame(1, "broken").substr(0, 10));
  });
  const auto stream = dockerapi::hijack(server.endpoint(), "/x", "", "attach to x");

  EXPECT_EQ(stream->read()->bytes, "whole");
  EXPECT_EQ(stream->read()->bytes, "br");
  EXPECT_THROW(stream->read(), Unreachable);
}

// Engine 26.1 refuses an attach with bare text and no length.
TEST(Hijack, ThrowsWhatTheEngineRefuses) {
  const TinyServer server(Transport::Unix, [](Peer& peer) {
    peer.read_request();
    peer.write(
        "HTTP/1.1 409 Conflict\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
        "container t1 is paused, unpause the container before attach\r\n");
  });

  EXPECT_THROW(dockerapi::hijack(server.endpoint(), "/x", "", "attach to t1"), dockerapi::Conflict);
  EXPECT_EQ(error_of([&] { dockerapi::hijack(server.endpoint(), "/x", "", "attach to t1"); }),
            "cannot attach to t1: engine answered 409: container t1 is paused, unpause the "
            "container before attach");
}

// Trap: EPIPE on stdin says only that the process needs no more of it.
TEST(Hijack, GoesOnReadingWhenNobodyReadsItsInput) {
  const TinyServer server(Transport::Unix, [](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 101 UPGRADED\r\n\r\n" + frame(1, "enough"));
  });
  const auto stream = dockerapi::hijack(server.endpoint(), "/x", "", "attach to x");

  try {
    stream->write(std::string(8'000'000, 'x'));
    ADD_FAILURE() << "nobody read that";
  } catch (const Unreachable&) {
    ADD_FAILURE() << "the engine is there";
  } catch (const dockerapi::Error&) {
  }

  EXPECT_EQ(stream->read()->bytes, "enough");
}

TEST(PlainCalls, TellWhatWasTriedAndWhatTheEngineSaid) {
  const TinyServer server(Transport::Unix, engine_saying([](Peer& peer, const std::string&) {
                            peer.write(answer("500 Oops", R"({"message":"tried to kill it"})"));
                          }));
  const auto engine = dockerapi::connect(server.endpoint());

  EXPECT_EQ(error_of([&] { engine->stop({"shop-db-1"}, std::nullopt); }),
            "cannot stop shop-db-1: engine answered 500: tried to kill it");
}

TEST(PlainCalls, TakeGarbageForAnError) {
  const TinyServer server(Transport::Unix, engine_saying([](Peer& peer, const std::string&) {
                            peer.write(answer("200 OK", "<html>"));
                          }));
  const auto engine = dockerapi::connect(server.endpoint());

  EXPECT_THROW(engine->inspect({"x"}), dockerapi::Error);
  EXPECT_THROW(engine->volumes({}), dockerapi::Error);
  EXPECT_THROW(engine->containers({}), dockerapi::Error);
}

// A 304 has no length and no body; the connection stays open.
TEST(PlainCalls, DoNotWaitForTheBodyOfAnUnchangedState) {
  const TinyServer server(Transport::Unix, engine_saying([](Peer& peer, const std::string&) {
                            peer.write("HTTP/1.1 304 Not Modified\r\n\r\n");
                            peer.read_to_end();
                          }));
  const auto engine = dockerapi::connect(server.endpoint());

  engine->stop({"x"}, std::nullopt);
}

TEST(PlainCalls, TellALostAnswerFromARefusal) {
  const TinyServer server(Transport::Unix, engine_saying([](Peer&, const std::string&) {}));
  const auto engine = dockerapi::connect(server.endpoint());

  EXPECT_THROW(engine->stop({"x"}, std::nullopt), Unreachable);
}

TEST(PlainCalls, SayWhereNobodyAnswersAndWhatToDo) {
  const auto engine = dockerapi::connect({"/no/such/docker.sock", "", 0, std::nullopt});

  EXPECT_THROW(engine->version(), Unreachable);
  EXPECT_EQ(error_of([&] { engine->version(); }),
            "cannot reach the engine at unix:///no/such/docker.sock: No such file or directory. "
            "Check that the engine runs and that its socket is mounted here.");
}

// The engine's answer to a wait may be lost, or its proxy's patience may end.
TEST(PlainCalls, WaitAgainAfterALostAnswer) {
  int waits = 0;
  const TinyServer server(
      Transport::Unix, engine_saying([&](Peer& peer, const std::string& request) {
        if (request.find("/json ") != std::string::npos) {
          peer.write(answer("200 OK", R"({"Id":"1","State":{"Status":"running"}})"));
        } else if (++waits > 1) {
          peer.write(answer("200 OK", R"({"StatusCode":3})"));
        }
      }));
  const auto engine = dockerapi::connect(server.endpoint());

  EXPECT_EQ(engine->wait({"x"}), 3);
  EXPECT_EQ(waits, 2);
}

TEST(Events, AreReadByLineWhateverTheChunks) {
  const TinyServer server(
      Transport::Unix, engine_saying([](Peer& peer, const std::string&) {
        const std::string one = R"({"Type":"container","Action":"start","timeNano":1})";
        const std::string two = R"({"Type":"container","Action":"die","timeNano":2})";
        const std::string text = one + "\n" + two + "\n";
        peer.write(
            "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 07:50:18 GMT\r\n"
            "Transfer-Encoding: chunked\r\n\r\n");
        peer.write(chunk(text.substr(0, 3)) + chunk(text.substr(3, 70)) + chunk(text.substr(73)));
      }));
  const auto engine = dockerapi::connect(server.endpoint());
  const auto events = engine->events({}, 0);

  EXPECT_EQ(events->opened_ns(), 1'795'247'418'000'000'000);
  EXPECT_EQ(events->next()->action, "start");
  EXPECT_EQ(events->next()->action, "die");
  EXPECT_FALSE(events->next());
}

TEST(Upload, SendsChunks) {
  std::string seen;
  const TinyServer server(Transport::Unix, engine_saying([&](Peer& peer, const std::string& head) {
                            seen = head;
                            while (!seen.ends_with("0\r\n\r\n")) {
                              seen += peer.read_some();
                            }
                            peer.write(answer("200 OK", R"({"status":"sha256:1"})"));
                          }));
  const auto engine = dockerapi::connect(server.endpoint());
  const std::string bytes = "0123456789";

  EXPECT_EQ(engine->import_image(in_pieces(bytes, 6), "a/b", "1", {"LABEL x=y z"}), "sha256:1");

  EXPECT_TRUE(
      seen.starts_with("POST /v1.45/images/create?fromSrc=-&repo=a%2Fb&tag=1&changes="
                       "LABEL%20x%3Dy%20z HTTP/1.1\r\n"))
      << seen;
  EXPECT_NE(seen.find("6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n"), std::string::npos) << seen;
}

// Trap: the engine may answer early and close; the answer is there although sending failed.
TEST(Upload, HearsAnEarlyAnswer) {
  const TinyServer server(Transport::Unix, engine_saying([](Peer& peer, const std::string&) {
                            peer.write(answer("500 Oops", R"({"message":"no space"})"));
                          }));
  const auto engine = dockerapi::connect(server.endpoint());
  const std::string bytes(8'000'000, 'x');

  EXPECT_EQ(error_of([&] { engine->import_image(in_pieces(bytes, 1'000'000), "a", "1", {}); }),
            "cannot import an image: engine answered 500: no space");
}

TEST(Tls, RefusesAnEngineItCannotBelieve) {
  const TinyServer server(Transport::Tls, [](Peer&) {});
  const TinyServer stranger(Transport::Tls, [](Peer&) {});
  auto endpoint = server.endpoint();
  endpoint.tls->authority = stranger.folder() + "/ca.pem";

  const auto text = error_of([&] { const dockerapi::Connection connection(endpoint); });

  EXPECT_NE(text.find("its certificate is not to be believed"), std::string::npos) << text;
  EXPECT_THROW(dockerapi::connect(endpoint)->version(), Unreachable);
}

TEST(Tls, RefusesACertificateOfAnotherHost) {
  const TinyServer server(Transport::Tls, [](Peer&) {});
  auto endpoint = server.endpoint();
  endpoint.host = "localhost";

  const auto text = error_of([&] { const dockerapi::Connection connection(endpoint); });

  EXPECT_NE(text.find("its certificate is not to be believed"), std::string::npos) << text;
}

// With TLS 1.3 the engine looks at our certificate when we take the handshake for done.
TEST(Tls, SaysThatTheEngineRefusesOurCertificate) {
  const TinyServer server(Transport::Tls, [](Peer&) {});
  const TinyServer stranger(Transport::Tls, [](Peer&) {});
  auto endpoint = server.endpoint();
  endpoint.tls->certificate = stranger.folder() + "/cert.pem";
  endpoint.tls->key = stranger.folder() + "/key.pem";

  const auto text = error_of([&] { dockerapi::connect(endpoint)->version(); });

  EXPECT_NE(text.find("it refuses us: "), std::string::npos) << text;
  EXPECT_NE(text.find("alert"), std::string::npos) << text;
}

TEST(Tls, HearsNoRefusalWhereThereIsNone) {
  const TinyServer server(Transport::Tls, [](Peer& peer) {
    peer.read_request();
    peer.write(kPing);
  });
  dockerapi::Connection connection(server.endpoint());

  connection.hear_refusal(std::chrono::seconds(20));

  connection.write("GET /_ping HTTP/1.1\r\n\r\n");
  char first = 0;
  EXPECT_EQ(connection.read(&first, 1), 1U);
  EXPECT_EQ(first, 'H');
}

TEST(Tls, NamesTheFileItCannotUse) {
  const TinyServer server(Transport::Tls, [](Peer&) {});
  auto endpoint = server.endpoint();
  endpoint.tls->key = "/no/such/key.pem";

  const auto text = error_of([&] { const dockerapi::Connection connection(endpoint); });

  EXPECT_NE(text.find("/no/such/key.pem"), std::string::npos) << text;
  EXPECT_EQ(error_of([&] { dockerapi::connect(endpoint)->version(); }), text);
}

}  // namespace
}  // namespace dockerapi_test
