#include "controller/api/event_ring.h"

#include <gmock/gmock.h>

namespace controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

ApiEvent event(const std::string& data) {
  return {"log", data};
}

TEST(EventRing, GivesWhatCameAfterANumber) {
  EventRing ring(10, 1000);
  EXPECT_THAT(ring.after(0), Optional(IsEmpty()));
  ring.add(event("a"));
  ring.add(event("b"));
  EXPECT_EQ(ring.last(), 2);
  EXPECT_THAT(ring.after(0),
              Optional(ElementsAre(NumberedEvent{1, event("a")}, NumberedEvent{2, event("b")})));
  EXPECT_THAT(ring.after(1), Optional(ElementsAre(NumberedEvent{2, event("b")})));
  EXPECT_THAT(ring.after(2), Optional(IsEmpty()));
}

TEST(EventRing, SaysWhenItHasForgotten) {
  EventRing ring(2, 1000);
  for (const char* data : {"a", "b", "c"}) {
    ring.add(event(data));
  }
  EXPECT_EQ(ring.after(0), std::nullopt);
  EXPECT_THAT(ring.after(1), Optional(testing::SizeIs(2)));
}

TEST(EventRing, KeepsNoMoreBytesThanItMay) {
  EventRing ring(10, 5);
  ring.add(event("abc"));
  ring.add(event("def"));
  EXPECT_EQ(ring.after(0), std::nullopt);
  EXPECT_THAT(ring.after(1), Optional(testing::SizeIs(1)));
  ring.add(event("too long to keep"));
  EXPECT_EQ(ring.after(2), std::nullopt);
  EXPECT_THAT(ring.after(3), Optional(IsEmpty()));
}

TEST(EventRing, KnowsNumbersOfItsOwnOnly) {
  EventRing ring(10, 1000);
  ring.add(event("a"));
  EXPECT_EQ(ring.after(2), std::nullopt);
  EXPECT_EQ(ring.after(-1), std::nullopt);
}

TEST(EventRing, SkippedIsMissed) {
  EventRing ring(10, 1000);
  ring.add(event("a"));
  ring.skip();
  EXPECT_EQ(ring.after(1), std::nullopt);
  EXPECT_THAT(ring.after(2), Optional(IsEmpty()));
}

}  // namespace
}  // namespace controller
