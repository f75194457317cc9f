#include "controller/api/worker_pool.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>

namespace controller {
namespace {

TEST(WorkerPoolTest, WorksAtAsManyThingsAtOnceAsItMay) {
  WorkerPool pool(8);
  std::latch together(8);  // none goes on before all have begun
  std::atomic<int> done = 0;
  for (int i = 0; i < 8; ++i) {
    pool.add([&] {
      together.arrive_and_wait();
      ++done;
    });
  }
  pool.shut_down();
  EXPECT_EQ(done, 8);
}

TEST(WorkerPoolTest, WhatComesBeyondThatWaitsAndIsDone) {
  WorkerPool pool(2);
  std::atomic<int> working = 0;
  std::atomic<int> most = 0;
  std::atomic<int> done = 0;
  for (int i = 0; i < 100; ++i) {
    pool.add([&] {
      const int now = ++working;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      --working;
      ++done;
    });
  }
  pool.shut_down();
  EXPECT_EQ(done, 100);
  EXPECT_LE(most, 2);
}

}  // namespace
}  // namespace controller
