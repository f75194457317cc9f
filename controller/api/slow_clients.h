// Whom to part with when every worker is busy.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <utility>

namespace controller {

/// The connections that there are, and whose client is waited for.  A client that sends its request
/// at once is hardly ever waited for; one that holds a worker by sending little is nearly always.
/// May be used from several threads at once.
class SlowClients {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class For { Bytes, Room };  // that it sends something, or takes something

  /// One connection, to be destroyed before its socket is closed.
  class Client {
   public:
    /// `since` is when the connection began.
    Client(SlowClients& clients, int socket, Time since);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

   private:
    friend class SlowClients;
    SlowClients& clients_;
    const std::pair<Time, int> key_;
  };

  /// While it lives, the client may be broken off: both directions of its connection are shut down
  /// then, so that whoever waits for it goes on.
  class Wait {
   public:
    Wait(Client& client, For what);
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait();

    /// What came before that may still be read, and is not to be heeded.
    [[nodiscard]] bool broken_off() const;

   private:
    Client& client_;
  };

  /// Breaks off the oldest of those that are waited for to send something; whether there was one.
  bool drop_oldest();

  /// The same until so many are on their way out, those that were broken off before included.
  void make_room(std::size_t workers);

  /// Breaks off all that are waited for and all that will be.
  void end();

 private:
  struct Standing {
    bool for_bytes = false;
    bool for_room = false;
    bool broken_off = false;
  };

  void break_off(const std::pair<Time, int>& key, Standing& standing);
  bool drop_oldest_locked();

  std::mutex mutex_;
  std::map<std::pair<Time, int>, Standing> clients_;  // by when they began, and their sockets
  std::size_t parting_ = 0;                           // are broken off and have not gone
  bool ending_ = false;
};

}  // namespace controller
