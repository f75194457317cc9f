#include "controller/archive/compression.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace controller {
namespace {

using Method = Compression::Method;

TEST(Compression, ReadsEveryAcceptedForm) {
  EXPECT_EQ(parse_compression("zstd"), (Compression{Method::Zstd, 3}));
  EXPECT_EQ(parse_compression("zstd:1"), (Compression{Method::Zstd, 1}));
  EXPECT_EQ(parse_compression("zstd:19"), (Compression{Method::Zstd, 19}));
  EXPECT_EQ(parse_compression("gzip"), (Compression{Method::Gzip, 6}));
  EXPECT_EQ(parse_compression("gzip:9"), (Compression{Method::Gzip, 9}));
  EXPECT_EQ(parse_compression("none").method, Method::None);
}

TEST(Compression, RefusesEverythingElseAndQuotesIt) {
  for (const std::string text : {"", "zstd:", "zstd:0", "zstd:20", "zstd:3x", "gzip:10", "gzip:-1",
                                 "none:1", "Zstd", "lz4", "zstd:99999999999"}) {
    try {
      parse_compression(text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find("\"" + text + "\""), std::string::npos);
    }
  }
}

TEST(Compression, IsReadBackFromItsText) {
  for (const std::string text : {"zstd:3", "gzip:6", "none"}) {
    EXPECT_EQ(to_string(parse_compression(text)), text);
  }
}

TEST(Compression, IsKnownByTheFileExtension) {
  for (const std::string text : {"zstd:3", "gzip:6", "none"}) {
    const Compression compression = parse_compression(text);
    EXPECT_EQ(method_of("data.tar" + file_extension(compression)), compression.method);
  }
  EXPECT_EQ(method_of("data.tar"), Method::None);
}

}  // namespace
}  // namespace controller
