// What is still to be told, kept across restarts.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "controller/notify/notify_event.h"

namespace controller {

/// The outbox cannot be read or written.
class OutboxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An event on its way to one target.
struct Letter {
  std::int64_t number = 0;
  std::string delivery;  // unique for ever
  std::string target;    // its name; what it is, secrets too, is read from the settings
  NotifyEvent event;
  std::chrono::sys_seconds created;
  int attempts = 0;  // that have failed
};

/// How it goes with a target.
struct TargetStanding {
  std::string target;
  int waiting = 0;
  std::int64_t delivered = 0;
  std::int64_t failed = 0;   // attempts
  std::int64_t lost = 0;     // letters that were given up
  std::string delivered_at;  // the last one; RFC 3339; empty: never
  std::string problem;       // of the last attempt; empty: it succeeded, or there was none

  friend bool operator==(const TargetStanding&, const TargetStanding&) = default;
};

/// After so many failed attempts the next one waits as long: from ten seconds to a quarter of an
/// hour.
std::chrono::seconds pause_after(int attempts);

/// One SQLite file with a file of locks beside it.  A target's letters are delivered in order, so
/// that a monitor never hears of yesterday's failure after today's success; at the latest a day
/// after it was put a letter is given up.  Calls may come from several threads, and from several
/// processes; all throw OutboxError.  A process may have one object for a file only.
class Outbox {
 public:
  /// Creates the file and its folder if missing, but not the store that this is in.
  explicit Outbox(const std::filesystem::path& file);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  ~Outbox();

  /// Where very many wait for the target, the oldest is given up.
  void put(const std::string& target, const NotifyEvent& event, std::chrono::sys_seconds now);

  /// The target's next letter if it is due; for the next minute nobody else gets it.
  std::optional<Letter> take(const std::string& target, std::chrono::sys_seconds now);

  void delivered(const Letter& letter, std::chrono::sys_seconds now);

  /// False: it was given up, being a day old.
  bool failed(const Letter& letter, const std::string& problem, std::chrono::sys_seconds now);

  void give_up(const Letter& letter, const std::string& problem);

  /// By the names of the targets that were ever told anything.
  std::vector<TargetStanding> standings();

  /// From here on this process delivers to the target, until it ends.
  void attend(const std::string& target);

  /// Whether another process does.
  bool attended(const std::string& target);

  /// Puts the event for all these targets, or for none if that fails; only at the first call with
  /// this key that succeeds, whichever process makes it.  Whether this was it.
  bool put_once(const std::string& key, const std::vector<std::string>& targets,
                const NotifyEvent& event, std::chrono::sys_seconds now);

  /// The next call with a key that begins so is the first one again.
  void forget(const std::string& beginning);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
