#include "controller/archive/ordered_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace controller {
namespace {

using testing::ElementsAre;

TEST(OrderedJobsTest, ThoseOfOneKeyRunInTheirOrder) {
  std::vector<int> done;
  OrderedJobs jobs(4);

  for (int number = 0; number < 1000; ++number) {
    jobs.add(7, 1, [&done, number] { done.push_back(number); });
  }
  jobs.drain();

  ASSERT_EQ(done.size(), 1000U);
  EXPECT_TRUE(std::ranges::is_sorted(done));
}

TEST(OrderedJobsTest, OthersRunSideBySide) {
  std::promise<void> another;
  std::atomic<int> others = 0;
  OrderedJobs jobs(2);

  jobs.add(0, 1, [&] { another.get_future().wait(); });
  for (std::uint64_t key = 1; key < 64; ++key) {
    jobs.add(key, 1, [&] {
      if (others++ == 0) {
        another.set_value();
      }
    });
  }
  jobs.drain();

  EXPECT_EQ(others, 63);
}

TEST(OrderedJobsTest, AFailureIsThrownAndEndsTheRest) {
  std::vector<std::string> done;
  std::promise<void> may_fail;
  OrderedJobs jobs(1);

  jobs.add(1, 1, [&] {
    may_fail.get_future().wait();
    throw std::runtime_error("no room");
  });
  jobs.add(1, 1, [&] { done.emplace_back("after it"); });
  may_fail.set_value();

  EXPECT_THROW(jobs.drain(), std::runtime_error);
  EXPECT_THROW(jobs.add(1, 1, [&] { done.emplace_back("later"); }), std::runtime_error);
  EXPECT_THROW(jobs.drain(), std::runtime_error);
  EXPECT_THAT(done, ElementsAre());
}

TEST(OrderedJobsTest, ItsEndWaitsForWhatHasBegun) {
  std::promise<void> begun;
  std::promise<void> may_end;
  std::atomic<bool> done = false;
  std::thread ending;
  {
    OrderedJobs jobs(1);
    jobs.add(1, 1, [&] {
      begun.set_value();
      may_end.get_future().wait();
      done = true;
    });
    begun.get_future().wait();
    ending = std::thread([&] { may_end.set_value(); });
  }
  EXPECT_TRUE(done);
  ending.join();
}

TEST(OrderedJobsTest, AJobLargerThanAllThatMayWaitIsTaken) {
  int done = 0;
  OrderedJobs jobs(1);

  for (int i = 0; i < 3; ++i) {
    jobs.add(1, std::size_t{1} << 30U, [&] { ++done; });
  }
  jobs.drain();

  EXPECT_EQ(done, 3);
}

TEST(OrderedJobsTest, WhatAJobHeldIsGoneWhenItIsDone) {
  const auto held = std::make_shared<int>(0);
  OrderedJobs jobs(2);

  jobs.add(1, 1, [held] {});
  jobs.drain();

  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace controller
