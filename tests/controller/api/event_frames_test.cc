#include "controller/api/event_frames.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(EventFrames, AreThoseOfServerSentEvents) {
  EXPECT_EQ(hello_frame("b1", 7, true),
            "retry: 2000\nid: b1:7\nevent: hello\n"
            "data: {\"schema\":1,\"boot\":\"b1\",\"last\":\"b1:7\"}\n\n");
  EXPECT_EQ(hello_frame("b1", 7, false),
            "retry: 2000\nevent: hello\n"
            "data: {\"schema\":1,\"boot\":\"b1\",\"last\":\"b1:7\"}\n\n");
  EXPECT_EQ(resync_frame("b1", 9),
            "id: b1:9\nevent: resync\n"
            "data: {\"schema\":1,\"boot\":\"b1\",\"last\":\"b1:9\"}\n\n");
  EXPECT_EQ(event_frame("b1", {8, {"job", "{}"}}), "id: b1:8\nevent: job\ndata: {}\n\n");
  EXPECT_EQ(heartbeat_frame().front(), ':');
}

TEST(EventFrames, AnIdIsOfOneLife) {
  EXPECT_EQ(number_in(event_id("b1", 12), "b1"), 12);
  for (const char* wrong : {"b2:12", "b1", "b1:", "b1:x", "b1:1x", "b1:-1", "12", ""}) {
    EXPECT_EQ(number_in(wrong, "b1"), std::nullopt) << wrong;
  }
}

TEST(EventFrames, AreAListForThoseWhoAskAgainAndAgain) {
  EXPECT_EQ(events_json("b1", 8, {{{8, {"job", R"({"schema":1})"}}}}),
            R"({"last":"b1:8","missed":false,)"
            R"("events":[{"id":"b1:8","event":"job","data":{"schema":1}}]})"
            "\n");
  EXPECT_EQ(events_json("b1", 8, std::nullopt),
            "{\"last\":\"b1:8\",\"missed\":true,\"events\":[]}\n");
}

}  // namespace
}  // namespace controller
