#include "controller/jobs/job_book.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <random>
#include <set>
#include <system_error>

#include "controller/clock.h"
#include "controller/jobs/book_file.h"
#include "controller/jobs/job_lock.h"
#include "controller/outage/journal.h"
#include "controller/outage/statement.h"

namespace controller {

namespace {

constexpr const char* kBook = "the job book";
constexpr std::array<const char*, 7> kStates = {"queued", "running",   "success",    "degraded",
                                                "failed", "cancelled", "interrupted"};
constexpr std::array<const char*, 4> kLineKinds = {"phase", "warning", "output", "error"};
constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS job(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  command TEXT NOT NULL, started_by TEXT NOT NULL, started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT 'running',
  exit_code INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS line(
  job INTEGER NOT NULL REFERENCES job(number) ON DELETE CASCADE, number INTEGER NOT NULL,
  time TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(job, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS component(
  job INTEGER NOT NULL REFERENCES job(number) ON DELETE CASCADE, name TEXT NOT NULL,
  bytes INTEGER NOT NULL, total INTEGER NOT NULL, entries INTEGER NOT NULL,
  finished INTEGER NOT NULL, PRIMARY KEY(job, name));
)";
constexpr std::int64_t kKeptJobs = 1000;
constexpr const char* kColumns =
    "SELECT number, id, kind, command, started_by, started_at, finished_at, state, exit_code, "
    "message FROM job ";

std::string new_id() {
  std::random_device source;
  std::uniform_int_distribution<int> digit(0, 35);
  std::string id;
  for (int i = 0; i < 8; ++i) {
    id += "0123456789abcdefghijklmnopqrstuvwxyz"[digit(source)];
  }
  return id;
}

/// The place of `text` among `names`; the last one's if a newer version wrote it.
template <std::size_t N>
std::size_t place_of(const std::array<const char*, N>& names, const std::string& text) {
  const auto found = std::ranges::find(names, text);
  return found == names.end() ? N - 1 : static_cast<std::size_t>(found - names.begin());
}

std::string now() {
  return rfc3339(std::chrono::system_clock::now());
}

}  // namespace

std::string to_string(JobState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::string to_string(JobLineKind kind) {
  return kLineKinds.at(static_cast<std::size_t>(kind));
}

bool is_open(JobState state) {
  return state == JobState::Queued || state == JobState::Running;
}

struct JobBook::State {
  explicit State(const std::filesystem::path& file)
      : database(open_book_file(file, kTables)), locks(file.string() + ".locks") {}

  std::int64_t number_of(const std::string& job) {
    Statement row(database.get(), "SELECT number FROM job WHERE id = ?");
    return row.bind(job).step() ? row.number(0) : -1;
  }

  bool alive(std::int64_t number) {
    return own.contains(number) || locks.holder(number).has_value();
  }

  Job read(Statement& row) {
    Job job{row.text(1), row.text(2), row.text(3), row.text(4),
            row.text(5), row.text(6), {},          static_cast<int>(row.number(8)),
            row.text(9), {},          {}};
    const auto number = row.number(0);
    job.state = static_cast<JobState>(place_of(kStates, row.text(7)));
    if (is_open(job.state) && !alive(number)) {
      job.state = JobState::Interrupted;
    }
    job.phase = last_phase(number);
    job.components = components(number);
    return job;
  }

  std::string last_phase(std::int64_t number) {
    Statement row(database.get(),
                  "SELECT text FROM line WHERE job = ? AND kind = 'phase' "
                  "ORDER BY number DESC LIMIT 1");
    return row.bind(number).step() ? row.text(0) : std::string();
  }

  std::vector<ComponentProgress> components(std::int64_t number) {
    Statement rows(database.get(),
                   "SELECT name, bytes, total, finished, entries FROM component WHERE job = ? "
                   "ORDER BY rowid");
    rows.bind(number);
    std::vector<ComponentProgress> found;
    while (rows.step()) {
      found.push_back({rows.text(0), static_cast<std::uint64_t>(rows.number(1)),
                       static_cast<std::uint64_t>(rows.number(2)), rows.number(3) != 0,
                       static_cast<std::uint64_t>(rows.number(4))});
    }
    return found;
  }

  void forget_old() {
    Statement(database.get(),
              "DELETE FROM job WHERE state NOT IN ('queued', 'running') AND number <= "
              "(SELECT max(number) FROM job) - ?")
        .bind(kKeptJobs)
        .step();
  }

  /// What `work` returns; all that goes wrong in it as this class's error.
  template <typename Work>
  auto guarded(Work work) {
    const std::scoped_lock lock(mutex);
    return with_errors_of<JobBookError>(kBook, work);
  }

  std::mutex mutex;
  BookFile database;
  JobLocks locks;
  std::set<std::int64_t> own;
};

JobBook::JobBook(const std::filesystem::path& file)
    : state_(with_errors_of<JobBookError>(kBook, [&] { return std::make_unique<State>(file); })) {}

JobBook::~JobBook() = default;

std::string JobBook::begin(const std::string& kind, const std::string& command,
                           const std::string& started_by) {
  return state_->guarded([&] {
    auto* database = state_->database.get();
    // Within one transaction, so that nobody sees the job before its lock.
    Statement(database, "BEGIN IMMEDIATE").step();
    try {
      const auto id = new_id();
      Statement(database,
                "INSERT INTO job(id, kind, command, started_by, started_at) "
                "VALUES(?,?,?,?,?)")
          .bind(id)
          .bind(kind)
          .bind(command)
          .bind(started_by)
          .bind(now())
          .step();
      const auto number = sqlite3_last_insert_rowid(database);
      state_->locks.take(number);
      state_->own.insert(number);
      state_->forget_old();
      Statement(database, "COMMIT").step();
      return id;
    } catch (...) {
      sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
      throw;
    }
  });
}

void JobBook::add_line(const std::string& job, JobLineKind kind, const std::string& text) {
  state_->guarded([&] {
    Statement(state_->database.get(),
              "INSERT INTO line(job, number, time, kind, text) SELECT j.number, "
              "1 + coalesce((SELECT max(l.number) FROM line l WHERE l.job = j.number), 0), ?, ?, ? "
              "FROM job j WHERE j.id = ?")
        .bind(now())
        .bind(to_string(kind))
        .bind(text)
        .bind(job)
        .step();
  });
}

void JobBook::set_state(const std::string& job, JobState state) {
  state_->guarded([&] {
    Statement(state_->database.get(), "UPDATE job SET state = ? WHERE id = ?")
        .bind(to_string(state))
        .bind(job)
        .step();
  });
}

void JobBook::put_progress(const std::string& job, const ComponentProgress& progress) {
  state_->guarded([&] {
    Statement(state_->database.get(),
              "INSERT INTO component(job, name, bytes, total, entries, finished) "
              "SELECT number, ?, ?, ?, ?, ? FROM job WHERE id = ? "
              "ON CONFLICT(job, name) DO UPDATE SET bytes = excluded.bytes, "
              "total = excluded.total, entries = excluded.entries, finished = excluded.finished")
        .bind(progress.component)
        .bind(static_cast<std::int64_t>(progress.bytes))
        .bind(static_cast<std::int64_t>(progress.total))
        .bind(static_cast<std::int64_t>(progress.entries))
        .bind(std::int64_t{progress.finished})
        .bind(job)
        .step();
  });
}

std::string JobBook::revision() {
  return state_->guarded([&] {
    Statement row(state_->database.get(), "PRAGMA data_version");  // counts what others write
    row.step();
    return row.text(0) + "/" + std::to_string(sqlite3_total_changes(state_->database.get()));
  });
}

std::optional<std::string> JobBook::first_queued() {
  return state_->guarded([&]() -> std::optional<std::string> {
    Statement rows(state_->database.get(),
                   "SELECT id, number FROM job WHERE state = 'queued' ORDER BY number");
    while (rows.step()) {
      if (state_->alive(rows.number(1))) {
        return rows.text(0);
      }
    }
    return std::nullopt;
  });
}

void JobBook::finish(const std::string& job, JobState state, int exit_code,
                     const std::string& message) {
  state_->guarded([&] {
    Statement(state_->database.get(),
              "UPDATE job SET finished_at = ?, state = ?, exit_code = ?, message = ? WHERE id = ?")
        .bind(now())
        .bind(to_string(state))
        .bind(exit_code)
        .bind(message)
        .bind(job)
        .step();
    const auto number = state_->number_of(job);
    state_->own.erase(number);
    state_->locks.give_up(number);
  });
}

std::vector<Job> JobBook::jobs(int limit) {
  return state_->guarded([&] {
    Statement rows(state_->database.get(),
                   (std::string(kColumns) + "ORDER BY number DESC LIMIT ?").c_str());
    rows.bind(limit);
    std::vector<Job> found;
    while (rows.step()) {
      found.push_back(state_->read(rows));
    }
    return found;
  });
}

std::optional<Job> JobBook::find(const std::string& id) {
  return state_->guarded([&]() -> std::optional<Job> {
    Statement row(state_->database.get(), (std::string(kColumns) + "WHERE id = ?").c_str());
    row.bind(id);
    return row.step() ? std::optional(state_->read(row)) : std::nullopt;
  });
}

std::vector<JobLine> JobBook::lines(const std::string& job, std::int64_t after) {
  return state_->guarded([&] {
    Statement rows(state_->database.get(),
                   "SELECT number, time, kind, text FROM line WHERE job = ? AND number > ? "
                   "ORDER BY number");
    rows.bind(state_->number_of(job)).bind(after);
    std::vector<JobLine> found;
    while (rows.step()) {
      found.push_back({rows.number(0), rows.text(1),
                       static_cast<JobLineKind>(place_of(kLineKinds, rows.text(2))), rows.text(3)});
    }
    return found;
  });
}

std::optional<int> JobBook::process(const std::string& job) {
  return state_->guarded([&] { return state_->locks.holder(state_->number_of(job)); });
}

}  // namespace controller
