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

constexpr SlowClients::Time kNow;
using Wait = SlowClients::Wait;
using For = SlowClients::For;

TEST(SlowClientsTest, TheOldestIsBrokenOffFirst) {
  SlowClients clients;
  const Pair older;
  const Pair newer;
  SlowClients::Client second(clients, newer.ours(), kNow + std::chrono::seconds(1));
  SlowClients::Client first(clients, older.ours(), kNow);
  const Wait one(first, For::Bytes);
  const Wait other(second, For::Bytes);
  EXPECT_TRUE(clients.drop_oldest());
  EXPECT_TRUE(older.is_broken_off());
  EXPECT_TRUE(one.broken_off());
  EXPECT_FALSE(newer.is_broken_off());
  EXPECT_FALSE(other.broken_off());
  EXPECT_TRUE(clients.drop_oldest());
  EXPECT_TRUE(newer.is_broken_off());
  EXPECT_FALSE(clients.drop_oldest());
}

TEST(SlowClientsTest, WhoeverIsPartingIsNotReplacedByAnother) {
  SlowClients clients;
  const Pair older;
  const Pair newer;
  SlowClients::Client second(clients, newer.ours(), kNow + std::chrono::seconds(1));
  const Wait other(second, For::Bytes);
  {
    SlowClients::Client first(clients, older.ours(), kNow);
    { const Wait one(first, For::Bytes); }
    const Wait again(first, For::Bytes);
    clients.make_room(1);
    clients.make_room(1);
    EXPECT_FALSE(newer.is_broken_off());
  }
  clients.make_room(1);
  EXPECT_TRUE(newer.is_broken_off()) << "the one before has gone, and another came";
}

TEST(SlowClientsTest, WhoeverIsNotWaitedForIsLeftAlone) {
  SlowClients clients;
  const Pair asks;
  const Pair takes;
  SlowClients::Client first(clients, asks.ours(), kNow);
  SlowClients::Client second(clients, takes.ours(), kNow);
  { const Wait wait(first, For::Bytes); }
  const Wait room(second, For::Room);
  clients.make_room(2);
  EXPECT_FALSE(asks.is_broken_off());
  EXPECT_FALSE(takes.is_broken_off());
  clients.end();
  EXPECT_FALSE(asks.is_broken_off()) << "it is being answered";
  EXPECT_TRUE(takes.is_broken_off());
}

TEST(SlowClientsTest, AtTheEndAllAreBrokenOffAndAllThatCome) {
  SlowClients clients;
  const Pair before;
  const Pair after;
  SlowClients::Client first(clients, before.ours(), kNow);
  const Wait one(first, For::Bytes);
  clients.end();
  SlowClients::Client second(clients, after.ours(), kNow);
  const Wait other(second, For::Bytes);
  EXPECT_TRUE(before.is_broken_off());
  EXPECT_TRUE(after.is_broken_off());
}

}  // namespace
}  // namespace controller
