#include "dockerapi/http_message.h"

#include <gtest/gtest.h>

#include "dockerapi/base64.h"
#include "dockerapi/error.h"

namespace dockerapi {
namespace {

std::string decoded(ChunkedBody& body, std::string_view bytes) {
  std::string text;
  for (auto piece = body.next(bytes); !piece.empty(); piece = body.next(bytes)) {
    text += piece;
  }
  return text;
}

TEST(ResponseHead, IsReadWithHeadersInAnyCase) {
  const auto head =
      response_head_from("HTTP/1.1 101 UPGRADED\r\nContent-Type: a/b\r\nAPI-Version:1.45 \r\n\r\n");

  EXPECT_EQ(head.status, 101);
  EXPECT_EQ(head.header("content-type"), "a/b");
  EXPECT_EQ(head.header("api-version"), "1.45");
  EXPECT_EQ(head.header("absent"), "");
}

TEST(ResponseHead, IsNotReadFromAnythingElse) {
  EXPECT_THROW(response_head_from("SSH-2.0-OpenSSH_9.2\r\n\r\n"), Error);
  EXPECT_THROW(response_head_from("HTTP/1.1 abc\r\n\r\n"), Error);
  EXPECT_THROW(response_head_from("HTTP/1.1"), Error);
}

TEST(ChunkedBody, GivesTheSameWhereverTheBytesAreCut) {
  const std::string wire =
      "5\r\nfirst\r\nA;name=value\r\n\r\nsecond\r\n\r\n0\r\nTrailer: x\r\n\r\n";

  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    ChunkedBody body;

    auto text = decoded(body, std::string_view(wire).substr(0, cut));
    text += decoded(body, std::string_view(wire).substr(cut));

    EXPECT_EQ(text, "first\r\nsecond\r\n") << "cut at " << cut;
    EXPECT_TRUE(body.finished()) << "cut at " << cut;
  }
}

TEST(ChunkedBody, RefusesWhatIsNoChunk) {
  ChunkedBody no_size;
  ChunkedBody too_long;
  ChunkedBody endless;

  EXPECT_THROW(decoded(no_size, "hello\r\n"), Error);
  EXPECT_THROW(decoded(too_long, "2\r\nabc\r\n"), Error);
  EXPECT_THROW(decoded(endless, std::string(5000, '1')), Error);
}

TEST(UrlEncoded, EscapesAllThatNeedsIt) {
  EXPECT_EQ(url_encoded("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(url_encoded("a/b c+d?e&f=g%h#i"), "a%2Fb%20c%2Bd%3Fe%26f%3Dg%25h%23i");
  EXPECT_EQ(url_encoded("\xff{\"\n"), "%FF%7B%22%0A");
}

TEST(Base64, IsDecoded) {
  EXPECT_EQ(base64_decoded(""), "");
  EXPECT_EQ(base64_decoded("eyJuYW1lIjoieCJ9"), R"({"name":"x"})");
  EXPECT_EQ(base64_decoded("YQ=="), "a");
  EXPECT_EQ(base64_decoded("YWI="), "ab");
  EXPECT_THROW(base64_decoded("a b"), Error);
}

}  // namespace
}  // namespace dockerapi
