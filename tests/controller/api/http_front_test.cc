#include "controller/api/http_front.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include "controller/api/worker_pool.h"

namespace controller {
namespace {

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

}  // namespace
}  // namespace controller
