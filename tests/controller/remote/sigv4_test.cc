#include "controller/remote/sigv4.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

// The published examples of Amazon: "Signature Calculations for the Authorization Header" of S3 and
// the suite of Signature Version 4.
constexpr const char* kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

SigningKey s3_key() {
  return {"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "us-east-1",
          "s3"};
}

SignedParts s3_get(const std::string& path, const std::string& query) {
  return {"GET",
          path,
          query,
          {{"host", "examplebucket.s3.amazonaws.com"},
           {"x-amz-content-sha256", kNothing},
           {"x-amz-date", "20130524T000000Z"}},
          kNothing};
}

std::string signature(const SignedParts& parts, const SigningKey& key) {
  const auto text = authorization(parts, key);
  return text.substr(text.find("Signature=") + 10);
}

TEST(SigV4, SignsTheGetOfARange) {
  auto parts = s3_get("/test.txt", "");
  parts.headers["range"] = "bytes=0-9";

  EXPECT_EQ(authorization(parts, s3_key()),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, SignsThePutOfAnEncodedKey) {
  const std::string body_digest =
      "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
  auto parts = s3_get("/" + uri_encoded_path("test$file.text"), "");
  parts.method = "PUT";
  parts.headers["date"] = "Fri, 24 May 2013 00:00:00 GMT";
  parts.headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
  parts.headers["x-amz-content-sha256"] = body_digest;
  parts.payload_sha256 = body_digest;

  EXPECT_EQ(signature(parts, s3_key()),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, SignsAParameterWithoutAValue) {
  EXPECT_EQ(signature(s3_get("/", canonical_query({{"lifecycle", ""}})), s3_key()),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SigV4, SortsParameters) {
  EXPECT_EQ(signature(s3_get("/", canonical_query({{"prefix", "J"}, {"max-keys", "2"}})), s3_key()),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, SignsForAnyService) {
  const SignedParts vanilla{"GET",
                            "/",
                            "",
                            {{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}},
                            kNothing};
  const SigningKey key{"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                       "us-east-1", "service"};

  EXPECT_EQ(signature(vanilla, key),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4, EncodesAllButWhatIsUnreserved) {
  EXPECT_EQ(uri_encoded("a b/c+d~é"), "a%20b%2Fc%2Bd~%C3%A9");
  EXPECT_EQ(uri_encoded_path("a b/c+d"), "a%20b/c%2Bd");
}

}  // namespace
}  // namespace controller
