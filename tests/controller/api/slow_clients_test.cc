#include "controller/api/slow_clients.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace controller {
namespace {

/// A connection's two ends.
class Pair {
 public:
  Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    close(ends_[0]);
    close(ends_[1]);
  }

  int ours() const { return ends_[0]; }
  bool is_broken_off() const {
    char one = 0;
    return recv(ends_[1], &one, 1, MSG_DONTWAIT) == 0;
  }

 private:
  std::array<int, 2> ends_{};
};

TEST(SlowClientsTest, TheOldestIsBrokenOffFirst) {
  SlowClients clients;
  const SlowClients::Time now;
  const Pair older;
  const Pair newer;
  const SlowClients::Wait first(clients, newer.ours(), now + std::chrono::seconds(1));
  const SlowClients::Wait second(clients, older.ours(), now);
  clients.drop_oldest();
  EXPECT_TRUE(older.is_broken_off());
  EXPECT_FALSE(newer.is_broken_off());
  clients.drop_oldest();
  EXPECT_TRUE(newer.is_broken_off());
  clients.drop_oldest();  // there is none
}

TEST(SlowClientsTest, WhatIsWaitedForNoMoreIsLeftAlone) {
  SlowClients clients;
  const Pair pair;
  { const SlowClients::Wait wait(clients, pair.ours(), {}); }
  clients.drop_oldest();
  clients.end();
  EXPECT_FALSE(pair.is_broken_off());
}

TEST(SlowClientsTest, AtTheEndAllAreBrokenOffAndAllThatCome) {
  SlowClients clients;
  const Pair before;
  const Pair after;
  const SlowClients::Wait first(clients, before.ours(), {});
  clients.end();
  const SlowClients::Wait second(clients, after.ours(), {});
  EXPECT_TRUE(before.is_broken_off());
  EXPECT_TRUE(after.is_broken_off());
}

}  // namespace
}  // namespace controller
