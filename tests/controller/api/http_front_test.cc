#include "controller/api/http_front.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace controller {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ApiAnswer echo(const ApiRequest& request) {
  ApiAnswer answer;
  answer.type = "text/plain";
  answer.body = request.method + " " + request.path + " " + request.source + " " +
                request.header("x-thing") + " " + request.body;
  return answer;
}

bool part_of_digits(std::uint64_t offset, std::uint64_t length, const BodyWriter& write) {
  return write(std::string_view("0123456789").substr(offset, length));
}

/// A client that sends what it likes.
class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const timeval longest{60, 0};  // then the test fails instead of waiting
    EXPECT_EQ(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest), 0);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    if (socket_ >= 0) {
      ::close(socket_);
    }
  }

  void send(std::string_view text) {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  [[nodiscard]] bool is_broken_off() const {
    char one = 0;
    return ::recv(socket_, &one, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

  /// What it gets until the connection ends.
  std::string answer() {
    std::string got;
    std::array<char, 1024> part;
    ssize_t found = 0;
    while ((found = ::recv(socket_, part.data(), part.size(), 0)) > 0) {
      got.append(part.data(), static_cast<std::size_t>(found));
    }
    EXPECT_EQ(found, 0) << "the connection goes on";
    return got;
  }

 private:
  int socket_;
};

class HttpFrontTest : public testing::Test {
 protected:
  httplib::Client client() { return httplib::Client("127.0.0.1", front_.port()); }

  HttpFront front_{"127.0.0.1", 0, [](const ApiRequest& request) {
                     if (request.path == "/whole" || request.path == "/broken") {
                       ApiAnswer answer;
                       answer.type = "application/x-tar";
                       answer.stream = [whole = request.path == "/whole"](const BodyWriter& write) {
                         return write("first") && write("second") && whole;
                       };
                       return answer;
                     }
                     if (request.path == "/content") {
                       ApiAnswer answer;
                       answer.type = "application/octet-stream";
                       answer.content = ApiContent{10, "abc", part_of_digits};
                       return answer;
                     }
                     if (request.path == "/empty") {
                       ApiAnswer answer;
                       answer.content = ApiContent{0, "abc", part_of_digits};
                       return answer;
                     }
                     if (request.path == "/thrown") {
                       ApiAnswer answer;
                       answer.content = ApiContent{10, "abc", [](auto, auto, const auto& write) {
                                                     write("01234");
                                                     throw std::runtime_error("gone");
                                                     return true;
                                                   }};
                       return answer;
                     }
                     return echo(request);
                   }};
};

TEST_F(HttpFrontTest, CarriesRequestsAndAnswers) {
  const auto answer = client().Post("/a%20b", {{"X-Thing", "yes"}}, "{}", "application/json");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "POST /a b 127.0.0.1 yes {}");
}

TEST_F(HttpFrontTest, ARequestWithoutALengthHasNoBody) {
  const auto answer = client().Delete("/thing?name=a");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "DELETE /thing 127.0.0.1  ");
}

TEST_F(HttpFrontTest, ContentHasALengthAndParts) {
  const auto whole = client().Get("/content");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->body, "0123456789");
  EXPECT_EQ(whole->get_header_value("Content-Length"), "10");
  EXPECT_EQ(whole->get_header_value("ETag"), "\"abc\"");
  for (const auto& [range, text] : {std::pair("bytes=4-", "456789"), std::pair("bytes=2-4", "234"),
                                    std::pair("bytes=-3", "789")}) {
    const auto part = client().Get("/content", {{"Range", range}});
    ASSERT_TRUE(part) << range;
    EXPECT_EQ(part->status, 206) << range;
    EXPECT_EQ(part->body, text) << range;
  }
}

TEST_F(HttpFrontTest, WhatIsSentWholeHasNoParts) {
  const auto answer = client().Get("/a", {{"Range", "bytes=2-3"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 416);
}

TEST_F(HttpFrontTest, ContentMayBeEmpty) {
  const auto answer = client().Get("/empty");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("Content-Length"), "0");
  EXPECT_EQ(answer->body, "");
}

TEST_F(HttpFrontTest, APartThatIsNotThereIsRefused) {
  for (const char* range : {"bytes=10-", "bytes=3-10", "bytes=-11"}) {
    const auto answer = client().Get("/content", {{"Range", range}});
    ASSERT_TRUE(answer) << range;
    EXPECT_EQ(answer->status, 416) << range;
  }
  const httplib::Headers other = {{"Range", "bytes=4-"}, {"If-Range", "\"other\""}};
  EXPECT_EQ(client().Get("/content", other)->status, 416);
  const httplib::Headers same = {{"Range", "bytes=4-"}, {"If-Range", "\"abc\""}};
  EXPECT_EQ(client().Get("/content", same)->body, "456789");
}

TEST_F(HttpFrontTest, WhatIsThrownWhileItIsSentBreaksTheConnection) {
  EXPECT_FALSE(client().Get("/thrown"));
  EXPECT_TRUE(client().Get("/content"));
}

TEST_F(HttpFrontTest, ASourceIsNotWhatAHeaderSays) {
  const auto answer = client().Get("/", {{"REMOTE_ADDR", "10.0.0.1"}});
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->body, HasSubstr(" 127.0.0.1 "));
}

TEST_F(HttpFrontTest, RefusesBodiesBeforeTheyAreRead) {
  const auto packed = client().Post("/", {{"Content-Encoding", "gzip"}}, "{}", "application/json");
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->status, 415);
  const auto chunked = client().Post(
      "/",
      [](std::size_t, httplib::DataSink& sink) {
        sink.done();
        return true;
      },
      "application/json");
  ASSERT_TRUE(chunked);
  EXPECT_EQ(chunked->status, 411);
  const auto large = client().Post("/", std::string((1 << 20) + 1, ' '), "application/json");
  // It may notice only that nobody reads on.
  if (large) {
    EXPECT_EQ(large->status, 413);
    EXPECT_THAT(large->body, HasSubstr("too-large"));
  }
  RawClient announced(front_.port());
  announced.send(
      "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_THAT(announced.answer(), AllOf(HasSubstr("HTTP/1.1 413 "), HasSubstr("too-large")));
  RawClient endless(front_.port());
  endless.send("POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n");
  EXPECT_THAT(endless.answer(), HasSubstr("HTTP/1.1 400 "));
}

TEST_F(HttpFrontTest, RefusesAHundredHeaders) {
  httplib::Headers headers;
  for (int i = 0; i < 101; ++i) {
    headers.emplace("X-" + std::to_string(i), "1");
  }
  const auto answer = client().Get("/", headers);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 431);
}

TEST_F(HttpFrontTest, AStreamThatFailsBreaksTheConnection) {
  const auto whole = client().Get("/whole");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->body, "firstsecond");
  EXPECT_FALSE(client().Get("/broken"));
}

TEST_F(HttpFrontTest, TellsThatAnAddressIsTaken) {
  EXPECT_THROW(HttpFront("192.0.2.1", 80, echo), ListenError);
}

RequestLimits with_times(std::chrono::milliseconds head, std::chrono::milliseconds body) {
  RequestLimits limits;
  limits.head_time = head;
  limits.body_time = body;
  return limits;
}

constexpr std::chrono::hours kLong{1};

TEST_F(HttpFrontTest, AHeadWithoutAnEndIsRefused) {
  RawClient client(front_.port());
  client.send("GET / HTTP/1.1\r\nX-Long: " + std::string(std::size_t{32} << 10, 'x'));
  EXPECT_THAT(client.answer(), AllOf(HasSubstr("HTTP/1.1 431 "), HasSubstr("head-too-large")));
}

TEST_F(HttpFrontTest, AHeadMayComeInParts) {
  RawClient client(front_.port());
  for (const char one : std::string_view("GET /a HTTP/1.1\r\nX-Thing: yes\r\n\r\n")) {
    client.send({&one, 1});
  }
  EXPECT_THAT(client.answer(), HasSubstr("GET /a 127.0.0.1 yes"));
}

TEST(HttpFrontLimitsTest, AHeadHasToComeInTime) {
  const HttpFront front("127.0.0.1", 0, echo, with_times(std::chrono::milliseconds(20), kLong));
  RawClient client(front.port());
  client.send("GET / HTTP/1.1\r\n");
  EXPECT_THAT(client.answer(), AllOf(HasSubstr("HTTP/1.1 408 "), HasSubstr("too-late")));
}

TEST(HttpFrontLimitsTest, WhoeverOnlyConnectsIsToldNothing) {
  const HttpFront front("127.0.0.1", 0, echo, with_times(std::chrono::milliseconds(20), kLong));
  EXPECT_EQ(RawClient(front.port()).answer(), "");
}

TEST(HttpFrontLimitsTest, ABodyHasToComeInTime) {
  std::atomic<int> answered = 0;
  const HttpFront front(
      "127.0.0.1", 0,
      [&](const ApiRequest& request) {
        ++answered;
        return echo(request);
      },
      with_times(kLong, std::chrono::milliseconds(20)));
  RawClient client(front.port());
  client.send(
      "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n[1, ");
  EXPECT_THAT(client.answer(), HasSubstr("HTTP/1.1 400 "));
  EXPECT_EQ(answered, 0);
}

TEST(HttpFrontLimitsTest, ClientsThatSendLittleKeepNobodyWaiting) {
  const HttpFront front("127.0.0.1", 0, echo, with_times(kLong, kLong));
  std::vector<RawClient> slow;
  for (int i = 0; i < 200; ++i) {
    slow.emplace_back(front.port())
        .send(i % 2 == 0 ? "GET / HTTP/1.1\r\nX-"
                         : "POST / HTTP/1.1\r\nContent-Type: application/json\r\n"
                           "Content-Length: 9\r\n\r\n");
  }
  const auto answer = httplib::Client("127.0.0.1", front.port()).Get("/healthz");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_LE(std::ranges::count_if(slow, &RawClient::is_broken_off), 201 - 96)
      << "no more than needed";
}

}  // namespace
}  // namespace controller
