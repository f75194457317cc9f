#include "controller/notify/outbox.h"

#include <sqlite3.h>

#include <algorithm>
#include <mutex>
#include <random>
#include <system_error>

#include "controller/clock.h"
#include "controller/jobs/book_file.h"
#include "controller/jobs/job_lock.h"
#include "controller/outage/journal.h"
#include "controller/outage/statement.h"

namespace controller {

namespace {

constexpr const char* kBook = "the outbox";
using std::chrono::sys_seconds;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS letter(
  number INTEGER PRIMARY KEY AUTOINCREMENT, delivery TEXT NOT NULL, target TEXT NOT NULL,
  event TEXT NOT NULL, created INTEGER NOT NULL, due INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS letters_of_target ON letter(target, number);
CREATE TABLE IF NOT EXISTS target(
  number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
  delivered INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  lost INTEGER NOT NULL DEFAULT 0, delivered_at TEXT NOT NULL DEFAULT '',
  problem TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS told(number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE);
)";
constexpr std::chrono::minutes kLease{1};  // four times what an attempt may take
constexpr std::chrono::hours kPatience{24};
constexpr std::int64_t kMostWaiting = 200;
constexpr std::int64_t kKeysKept = 2000;

std::int64_t number_of(sys_seconds time) {
  return time.time_since_epoch().count();
}

std::string new_delivery() {
  constexpr int kDigits = 24;
  std::random_device source;
  std::uniform_int_distribution<std::size_t> digit(0, 35);
  std::string id;
  for (int i = 0; i < kDigits; ++i) {
    id += "0123456789abcdefghijklmnopqrstuvwxyz"[digit(source)];
  }
  return id;
}

}  // namespace

std::chrono::seconds pause_after(int attempts) {
  constexpr std::chrono::seconds kFirst{10};
  constexpr std::chrono::seconds kLongest{900};
  constexpr int kDoublings = 7;  // more than the longest needs
  return std::min(kLongest, kFirst * (1 << std::clamp(attempts - 1, 0, kDoublings)));
}

struct Outbox::State {
  explicit State(const std::filesystem::path& file)
      : database(open_book_file(file, kTables)), locks(file.string() + ".locks") {}

  Statement statement(const char* sql) { return {database.get(), sql}; }

  std::int64_t target_number(const std::string& target) {
    statement("INSERT OR IGNORE INTO target(name) VALUES(?)").bind(target).step();
    auto row = statement("SELECT number FROM target WHERE name = ?");
    row.bind(target).step();
    return row.number(0);
  }

  void remove(const Letter& letter) {
    statement("DELETE FROM letter WHERE number = ?").bind(letter.number).step();
  }

  void make_room(const std::string& target) {
    statement(
        "DELETE FROM letter WHERE target = ?1 AND number <= (SELECT number FROM letter WHERE "
        "target = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)")
        .bind(target)
        .bind(kMostWaiting)
        .step();
    statement("UPDATE target SET lost = lost + ? WHERE name = ?")
        .bind(std::int64_t{sqlite3_changes(database.get())})
        .bind(target)
        .step();
  }

  void put(const std::string& target, const NotifyEvent& event, sys_seconds now) {
    target_number(target);
    statement("INSERT INTO letter(delivery, target, event, created, due) VALUES(?,?,?,?,?)")
        .bind(new_delivery())
        .bind(target)
        .bind(to_json(event))
        .bind(number_of(now))
        .bind(number_of(now))
        .step();
    make_room(target);
  }

  bool knows(const std::string& key) {
    return statement("SELECT 1 FROM told WHERE key = ?").bind(key).step();
  }

  /// False: another process was faster.
  bool note(const std::string& key) {
    statement("INSERT OR IGNORE INTO told(key) VALUES(?)").bind(key).step();
    const bool first = sqlite3_changes(database.get()) > 0;
    statement("DELETE FROM told WHERE number <= (SELECT max(number) FROM told) - ?")
        .bind(kKeysKept)
        .step();
    return first;
  }

  void note_loss(const Letter& letter, const std::string& problem) {
    remove(letter);
    statement("UPDATE target SET failed = failed + 1, lost = lost + 1, problem = ? WHERE name = ?")
        .bind(problem)
        .bind(letter.target)
        .step();
  }

  /// What `work` returns, as one transaction.
  template <typename Work>
  auto transaction(Work work) {
    statement("BEGIN IMMEDIATE").step();
    try {
      auto result = work();
      statement("COMMIT").step();
      return result;
    } catch (...) {
      sqlite3_exec(database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
      throw;
    }
  }

  /// What `work` returns; all that goes wrong in it as this class's error.
  template <typename Work>
  auto guarded(Work work) {
    const std::scoped_lock lock(mutex);
    return with_errors_of<OutboxError>(kBook, work);
  }

  std::mutex mutex;
  BookFile database;
  JobLocks locks;  // the N-th byte: who delivers to target N
};

Outbox::Outbox(const std::filesystem::path& file)
    : state_(with_errors_of<OutboxError>(kBook, [&] { return std::make_unique<State>(file); })) {}

Outbox::~Outbox() = default;

void Outbox::put(const std::string& target, const NotifyEvent& event, sys_seconds now) {
  state_->guarded([&] { state_->put(target, event, now); });
}

std::optional<Letter> Outbox::take(const std::string& target, sys_seconds now) {
  return state_->guarded([&] {
    return state_->transaction([&]() -> std::optional<Letter> {
      auto row = state_->statement(
          "SELECT number, delivery, event, created, attempts FROM letter WHERE number = (SELECT "
          "min(number) FROM letter WHERE target = ?) AND due <= ?");
      row.bind(target).bind(number_of(now));
      if (!row.step()) {
        return std::nullopt;
      }
      Letter letter{row.number(0),
                    row.text(1),
                    target,
                    {},
                    sys_seconds(std::chrono::seconds(row.number(3))),
                    static_cast<int>(row.number(4))};
      try {
        letter.event = notify_event_from_json(row.text(2));
      } catch (const std::invalid_argument& error) {  // a newer version wrote it
        state_->note_loss(letter, error.what());
        return std::nullopt;
      }
      state_->statement("UPDATE letter SET due = ? WHERE number = ?")
          .bind(number_of(now + kLease))
          .bind(letter.number)
          .step();
      return letter;
    });
  });
}

void Outbox::delivered(const Letter& letter, sys_seconds now) {
  state_->guarded([&] {
    state_->remove(letter);
    state_
        ->statement(
            "UPDATE target SET delivered = delivered + 1, delivered_at = ?, problem = '' WHERE "
            "name = ?")
        .bind(rfc3339(now))
        .bind(letter.target)
        .step();
  });
}

bool Outbox::failed(const Letter& letter, const std::string& problem, sys_seconds now) {
  return state_->guarded([&] {
    if (now - letter.created >= kPatience) {
      state_->note_loss(letter, problem);
      return false;
    }
    state_->statement("UPDATE letter SET attempts = ?, due = ? WHERE number = ?")
        .bind(letter.attempts + 1)
        .bind(number_of(now + pause_after(letter.attempts + 1)))
        .bind(letter.number)
        .step();
    state_->statement("UPDATE target SET failed = failed + 1, problem = ? WHERE name = ?")
        .bind(problem)
        .bind(letter.target)
        .step();
    return true;
  });
}

void Outbox::give_up(const Letter& letter, const std::string& problem) {
  state_->guarded([&] { state_->note_loss(letter, problem); });
}

std::vector<TargetStanding> Outbox::standings() {
  return state_->guarded([&] {
    auto rows = state_->statement(
        "SELECT name, (SELECT count(*) FROM letter l WHERE l.target = t.name), delivered, failed, "
        "lost, delivered_at, problem FROM target t ORDER BY name");
    std::vector<TargetStanding> standings;
    while (rows.step()) {
      standings.push_back({rows.text(0), static_cast<int>(rows.number(1)), rows.number(2),
                           rows.number(3), rows.number(4), rows.text(5), rows.text(6)});
    }
    return standings;
  });
}

void Outbox::attend(const std::string& target) {
  state_->guarded([&] { state_->locks.take(state_->target_number(target)); });
}

bool Outbox::attended(const std::string& target) {
  return state_->guarded(
      [&] { return state_->locks.holder(state_->target_number(target)).has_value(); });
}

void Outbox::forget(const std::string& beginning) {
  state_->guarded([&] {
    const bool knows_some =
        state_->statement("SELECT 1 FROM told WHERE substr(key, 1, length(?1)) = ?1")
            .bind(beginning)
            .step();
    if (knows_some) {  // else nothing is written
      state_->statement("DELETE FROM told WHERE substr(key, 1, length(?1)) = ?1")
          .bind(beginning)
          .step();
    }
  });
}

bool Outbox::put_once(const std::string& key, const std::vector<std::string>& targets,
                      const NotifyEvent& event, sys_seconds now) {
  return state_->guarded([&] {
    if (state_->knows(key)) {  // as nearly always: nothing is written
      return false;
    }
    return state_->transaction([&] {
      if (!state_->note(key)) {
        return false;
      }
      for (const auto& target : targets) {
        state_->put(target, event, now);
      }
      return true;
    });
  });
}

}  // namespace controller
