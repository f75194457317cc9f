#include "controller/remote/s3_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/archive/artifact.h"
#include "controller/archive/volume_archive.h"
#include "controller/remote/destination_probe.h"
#include "controller/remote/object_body.h"
#include "controller/remote/s3_address.h"
#include "tests/fakes/memory_s3.h"
#include "tests/fakes/step_clock.h"

namespace controller {
namespace {

using fakes::MemoryS3;
using fakes::s3_error;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

Destination shop() {
  Destination destination;
  destination.endpoint = "http://storage:9000";
  destination.bucket = "shop";
  destination.access_key_id = "key";
  destination.secret_access_key = Secret("hush");
  return destination;
}

class S3ObjectsTest : public testing::Test {
 protected:
  void put(const std::string& key, const std::string& text) { objects_->put(key, text_body(text)); }

  /// What the failed listing says; the answer to every request is `answer`.
  std::string refusal_of(const HttpAnswer& answer) {
    s3_.instead = [answer](const auto&) { return answer; };
    try {
      objects_->list("a");
    } catch (const RemoteError& error) {
      return error.what();
    }
    return "no failure";
  }

  MemoryS3 s3_;
  fakes::StepClock clock_;
  std::stop_source stop_;
  std::unique_ptr<ObjectStore> objects_ =
      open_s3_objects(shop(), s3_, clock_, RetryPolicy{}, stop_.get_token());
};

TEST_F(S3ObjectsTest, KeepsWhatWasPut) {
  put("a/b", "text");

  EXPECT_EQ(objects_->read_small("a/b"), "text");
  EXPECT_EQ(objects_->facts("a/b")->bytes, 4U);
  EXPECT_FALSE(objects_->facts("a/c"));
  EXPECT_THROW(objects_->read_small("a/c"), NotThere);
}

TEST_F(S3ObjectsTest, SendsDigestsOfWhatItSends) {
  put("a", "text");

  const auto& headers = s3_.calls.back().headers;
  EXPECT_EQ(headers.at("content-md5"), "HLJR7A1WjeapKbUgxK7Y0Q==");
  EXPECT_EQ(headers.at("x-amz-content-sha256"),
            "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1");
}

TEST_F(S3ObjectsTest, SignsWhatItSendsUnlessTlsGuardsIt) {
  auto body = text_body("text");
  body.sha256.clear();
  auto guarded = shop();
  guarded.endpoint = "https://storage:9000";
  const auto objects = open_s3_objects(guarded, s3_, clock_, RetryPolicy{}, {});

  EXPECT_FALSE(objects->signs_bodies());
  objects->put("a", body);

  const auto& headers = s3_.calls.back().headers;
  EXPECT_EQ(headers.at("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
  EXPECT_EQ(headers.at("content-md5"), "HLJR7A1WjeapKbUgxK7Y0Q==");
  EXPECT_THAT(headers.at("authorization"), HasSubstr("content-md5"));
  EXPECT_TRUE(objects_->signs_bodies());
  EXPECT_THROW(objects_->put("a", body), std::logic_error);
}

TEST_F(S3ObjectsTest, NamesTheStorageClass) {
  auto cold = shop();
  cold.storage_class = "STANDARD_IA";
  const auto objects = open_s3_objects(cold, s3_, clock_, RetryPolicy{}, {});

  objects->put("a", text_body("text"));
  const Upload upload{"b", objects->begin_upload("b")};
  objects->put_part(upload, 1, text_body("text"));

  EXPECT_EQ(s3_.calls[0].headers.at("x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(s3_.calls[1].headers.at("x-amz-storage-class"), "STANDARD_IA");
  EXPECT_FALSE(s3_.calls[2].headers.contains("x-amz-storage-class"));
}

TEST_F(S3ObjectsTest, ListsAllPages) {
  for (const auto* key : {"p/1", "p/2", "p/3", "p/4", "p/5", "q"}) {
    put(key, key);
  }

  EXPECT_EQ(objects_->list("p/").size(), 5U);
}

TEST_F(S3ObjectsTest, ListsAKeyAsItIs) {
  s3_.instead = [](const auto&) {
    return HttpAnswer{
        200,
        {},
        "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a+b%2Bc%C3%A9"
        "</Key><Size>1</Size></Contents></ListBucketResult>"};
  };

  EXPECT_THAT(objects_->list(""), UnorderedElementsAre(Pair("a b+cé", 1U)));
}

TEST_F(S3ObjectsTest, ThrowsForAListingThatFailsOnItsSecondPage) {
  for (const auto* key : {"1", "2", "3"}) {
    put(key, key);
  }
  s3_.instead = [](const HttpCall& call) {
    return call.url.find("continuation-token") == std::string::npos
               ? std::nullopt
               : std::optional(s3_error(500, "InternalError"));
  };

  EXPECT_THROW(objects_->list(""), DestinationUnreachable);
}

TEST_F(S3ObjectsTest, ThrowsForAListingThatDoesNotSayHowToGoOn) {
  EXPECT_THAT(refusal_of({200,
                          {},
                          "<ListBucketResult><IsTruncated>true</IsTruncated>"
                          "</ListBucketResult>"}),
              HasSubstr("does not say how to go on"));
}

TEST_F(S3ObjectsTest, OutlivesAnyOneLostRequestOrAnswer) {
  for (const auto when : {MemoryS3::When::Before, MemoryS3::When::After}) {
    const int before = s3_.count();
    EXPECT_TRUE(probe_destination(*objects_, "p/", "text").can_delete);
    const int calls = s3_.count() - before;
    for (int n = 1; n <= calls; ++n) {
      s3_.lose(n, when);
      EXPECT_TRUE(probe_destination(*objects_, "p/", "text").can_delete) << n;
      EXPECT_TRUE(s3_.objects.empty()) << n;
    }
  }
}

TEST_F(S3ObjectsTest, TriesSixTimesAndWaitsLongerEachTime) {
  s3_.lose(1, MemoryS3::When::Before, 100);

  EXPECT_THROW(put("a", "text"), DestinationUnreachable);

  EXPECT_EQ(s3_.count(), 6);
  const auto waited = clock_.steady().time_since_epoch();
  EXPECT_GE(waited, std::chrono::milliseconds(7750));
  EXPECT_LE(waited, std::chrono::milliseconds(15500));
}

TEST_F(S3ObjectsTest, StopsWhileItWaits) {
  s3_.lose(1, MemoryS3::When::Before, 100);
  clock_.asleep = [this] { stop_.request_stop(); };

  EXPECT_THROW(put("a", "text"), Interrupted);

  EXPECT_EQ(s3_.count(), 1);
}

TEST_F(S3ObjectsTest, TriesAgainWhenToldToComeLater) {
  for (const auto& answer : {s3_error(503, "SlowDown"), s3_error(400, "RequestTimeout"),
                             HttpAnswer{429, {}, ""}, HttpAnswer{502, {}, "<html>"}}) {
    int refused = 0;
    s3_.instead = [&](const auto&) { return ++refused > 2 ? std::nullopt : std::optional(answer); };

    put("a", "text");

    EXPECT_EQ(refused, 3) << answer.status;
  }
}

TEST_F(S3ObjectsTest, AsksOnceWhereTheAnswerWillNotChange) {
  EXPECT_THAT(refusal_of(s3_error(403, "AccessDenied")), HasSubstr("may not do this"));
  EXPECT_THAT(refusal_of(s3_error(403, "ExpiredToken")), HasSubstr("have expired"));
  EXPECT_THAT(refusal_of(s3_error(403, "SignatureDoesNotMatch")), HasSubstr("region is wrong"));
  EXPECT_THAT(refusal_of(s3_error(404, "NoSuchBucket")), HasSubstr("no such bucket"));
  EXPECT_EQ(s3_.count(), 4);
}

TEST_F(S3ObjectsTest, SaysByHowMuchTheClockIsOff) {
  auto answer = s3_error(403, "RequestTimeTooSkewed");
  answer.headers["date"] = "Fri, 15 Jan 2027 07:00:00 GMT";  // the fake clock's time is 08:00

  EXPECT_THAT(refusal_of(answer), HasSubstr("clock is off by 3600 s (fast)"));
  EXPECT_EQ(s3_.count(), 1);
}

TEST_F(S3ObjectsTest, SaysInWhichRegionTheBucketIs) {
  for (auto answer : {HttpAnswer{301, {}, ""}, s3_error(301, "PermanentRedirect")}) {
    answer.headers["x-amz-bucket-region"] = "eu-north-1";
    EXPECT_THAT(refusal_of(answer), HasSubstr("region eu-north-1"));
  }
  EXPECT_THAT(refusal_of({302, {}, ""}), HasSubstr("redirects to another address"));
}

TEST_F(S3ObjectsTest, TakesNoPageOfAPortalForAnAnswer) {
  const HttpAnswer portal{200, {{"content-length", "6"}}, "<html>"};

  EXPECT_THAT(refusal_of(portal), HasSubstr("not one of S3 storage"));
  EXPECT_THROW(put("a", "text"), DestinationUnreachable);
  EXPECT_THROW(objects_->facts("a"), DestinationUnreachable);
  EXPECT_THROW(objects_->read_small("a"), DestinationUnreachable);
}

TEST_F(S3ObjectsTest, FindsAnErrorInAnAnswerOf200) {
  EXPECT_THAT(refusal_of(s3_error(200, "InternalError")), HasSubstr("InternalError"));
  EXPECT_EQ(s3_.count(), 6);
}

TEST_F(S3ObjectsTest, NeverSaysTheSecret) {
  EXPECT_THAT(refusal_of(s3_error(403, "AccessDenied")), testing::Not(HasSubstr("hush")));
  for (const auto& call : s3_.calls) {
    EXPECT_EQ(call.headers.at("authorization").find("hush"), std::string::npos);
  }
}

TEST_F(S3ObjectsTest, ProbeSaysThatTheKeyCannotDelete) {
  s3_.instead = [](const HttpCall& call) {
    return call.method == "DELETE" ? std::optional(s3_error(403, "AccessDenied")) : std::nullopt;
  };

  const auto result = probe_destination(*objects_, "p/", "text");

  EXPECT_FALSE(result.can_delete);
  EXPECT_THAT(result.why_not, HasSubstr("AccessDenied"));
}

TEST_F(S3ObjectsTest, ProbeNoticesOtherBytesOfTheSameSize) {
  s3_.instead = [](const HttpCall& call) {
    return call.method == "GET" ? std::optional(HttpAnswer{200, {{"etag", "1"}}, "tex7"})
                                : std::nullopt;
  };

  EXPECT_THROW(probe_destination(*objects_, "p/", "text"), IntegrityError);
}

TEST(S3Address, NamesTheBucketInThePathOrTheHost) {
  auto destination = shop();
  EXPECT_EQ(s3_address(destination), (S3Address{"http", "storage:9000", "/shop/"}));
  destination.style = BucketStyle::VirtualHost;
  EXPECT_EQ(s3_address(destination), (S3Address{"http", "shop.storage:9000", "/"}));
  destination.endpoint = "";
  destination.region = "eu-north-1";
  destination.style = BucketStyle::Auto;
  EXPECT_EQ(s3_address(destination), (S3Address{"https", "shop.s3.eu-north-1.amazonaws.com", "/"}));
  destination.bucket = "my.shop";
  EXPECT_EQ(s3_address(destination),
            (S3Address{"https", "s3.eu-north-1.amazonaws.com", "/my.shop/"}));
}

TEST(S3Address, TakesEndpointsAsPeopleWriteThem) {
  auto destination = shop();
  destination.endpoint = "storage.example:443/base";
  EXPECT_EQ(s3_address(destination), (S3Address{"https", "storage.example", "/base/shop/"}));
  for (const auto* wrong : {"ftp://storage", "https://", "http://user@storage", "https://a?b"}) {
    destination.endpoint = wrong;
    EXPECT_THROW(s3_address(destination), std::invalid_argument) << wrong;
  }
}

}  // namespace
}  // namespace controller
