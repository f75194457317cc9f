#include "controller/api/seats.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(Seats, AreGivenBackByWhoeverDropsThem) {
  Seats seats(2);
  auto first = seats.take();
  const auto second = seats.take();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(seats.take());
  const auto copy = first;
  first.reset();
  EXPECT_FALSE(seats.take()) << "a copy is still there";
}

TEST(Seats, MayBeKeptLongerThanTheyThemselvesAre) {
  std::shared_ptr<void> seat;
  {
    Seats seats(1);
    seat = seats.take();
  }
  seat.reset();
  Seats seats(1);
  seats.take().reset();
  EXPECT_TRUE(seats.take());
}

}  // namespace
}  // namespace controller
