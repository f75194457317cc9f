// The swap against applications that do not give in.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using Clock = std::chrono::steady_clock;

/// Clients that log in, ask one thing, and log in again, without a pause; every other one as the
/// superuser.
class Storm {
 public:
  Storm(const PostgresAccess& server, int clients) : server_(server) {
    for (int client = 0; client < clients; ++client) {
      const bool superuser = client % 2 == 0;
      clients_.emplace_back([this, superuser] { run(superuser); });
    }
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;
  ~Storm() { end(); }

  void end() {
    over_ = true;
    for (auto& client : clients_) {
      if (client.joinable()) {
        client.join();
      }
    }
  }

  /// Until every client has been answered some times more.
  void go_on() {
    std::unique_lock lock(mutex_);
    const std::size_t wanted = times_.size() + 10 * clients_.size();
    answered_.wait(lock, [&] { return times_.size() >= wanted; });
  }

  /// The longest time in which nobody was answered; after end().
  [[nodiscard]] std::chrono::milliseconds longest_silence() const {
    Clock::duration longest{};
    for (std::size_t at = 1; at < times_.size(); ++at) {
      longest = std::max(longest, times_[at] - times_[at - 1]);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
  }

 private:
  void run(bool superuser) {
    while (!over_) {
      try {
        TestConnection(server_.port(), superuser ? "boss" : "visitor", "app", "sesame")
            .value("SELECT count(*) FROM t");
        const std::lock_guard lock(mutex_);
        times_.push_back(Clock::now());
        answered_.notify_all();
      } catch (const std::runtime_error&) {
        // Ended or refused by the swap: again, at once.
      }
    }
  }

  const PostgresAccess& server_;
  std::atomic<bool> over_ = false;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<Clock::time_point> times_;
  std::vector<std::thread> clients_;
};

class PostgresSwapTest : public PostgresVersionTest {};

TEST_P(PostgresSwapTest, SucceedsAgainstClientsThatReconnectInALoop) {
  create("app",
         "CREATE ROLE visitor LOGIN PASSWORD 'sesame'; CREATE TABLE t AS SELECT n FROM"
         " generate_series(1, 1000) n; GRANT SELECT ON t TO visitor");
  const auto record = dump("app");
  const auto staged = session().stage(record, server_record_, directory_, "job1");
  Storm storm(server_, 20);
  storm.go_on();

  staged->commit();
  storm.go_on();
  staged->undo();
  storm.go_on();
  staged->commit();
  storm.go_on();

  storm.end();
  RecordProperty("longest_silence_ms", static_cast<int>(storm.longest_silence().count()));
  EXPECT_LT(storm.longest_silence(), std::chrono::milliseconds(1000));
  staged->discard();
  EXPECT_EQ(names(), "app");
}

INSTANTIATE_TEST_SUITE_P(Servers, PostgresSwapTest, kPostgresVersions, name_of_version);

}  // namespace
}  // namespace controller
