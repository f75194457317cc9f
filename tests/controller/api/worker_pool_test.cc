#include "controller/api/worker_pool.h"

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <latch>
#include <system_error>
#include <thread>
#include <utility>

namespace controller {
namespace {

/// Threads, for as long as the system allows more.
WorkerPool::StartThread while_allowed(const bool& allowed) {
  return [&allowed](std::function<void()> run) {
    return allowed ? std::thread(std::move(run))
                   : throw std::system_error(EAGAIN, std::generic_category());
  };
}

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

TEST(WorkerPoolTest, WhatNoThreadIsMadeForIsDoneByTheNext) {
  bool allowed = true;
  WorkerPool pool(8, while_allowed(allowed));
  std::atomic<int> done = 0;
  std::latch began(1);
  std::latch go_on(1);
  pool.add([&] {
    began.count_down();
    go_on.wait();
    ++done;
  });
  began.wait();
  allowed = false;
  pool.add([&] { ++done; });
  EXPECT_EQ(pool.short_of(), 1);
  go_on.count_down();
  pool.shut_down();
  EXPECT_EQ(done, 2);
}

TEST(WorkerPoolTest, WithoutAThreadTheWorkWaitsForOne) {
  bool allowed = false;
  WorkerPool pool(8, while_allowed(allowed));
  std::latch both(2);
  pool.add([&] { both.count_down(); });
  EXPECT_EQ(pool.short_of(), 1);
  allowed = true;
  pool.add([&] { both.count_down(); });
  both.wait();
}

}  // namespace
}  // namespace controller
