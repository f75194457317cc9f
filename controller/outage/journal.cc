#include "controller/outage/journal.h"

#include <sqlite3.h>

#include <array>
#include <mutex>
#include <random>
#include <system_error>

#include "controller/clock.h"
#include "controller/outage/statement.h"

namespace controller {

namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

// Never change the meaning of a column: an older program's journal is replayed by a newer one.
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS job(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, snapshot TEXT NOT NULL, project TEXT NOT NULL,
  started_at TEXT NOT NULL, finished_at TEXT, state TEXT NOT NULL, note TEXT NOT NULL DEFAULT '',
  past_commit INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS step(
  id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL REFERENCES job(id), kind TEXT NOT NULL,
  container TEXT, name TEXT, project TEXT, service TEXT, number INTEGER, action TEXT, level INTEGER,
  was TEXT, policy TEXT, policy_retries INTEGER, started_at TEXT, await_healthy INTEGER,
  subject TEXT, detail TEXT, settled INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS open_step ON step(job) WHERE settled = 0;
)";
// What a later version added, by the version it brings the file to.
constexpr const char* kSecondVersion = R"(
ALTER TABLE step ADD COLUMN place TEXT NOT NULL DEFAULT '';
CREATE TABLE point(
  job TEXT PRIMARY KEY, kind TEXT NOT NULL, project TEXT NOT NULL, snapshot TEXT NOT NULL,
  created_at TEXT NOT NULL, expires_at TEXT NOT NULL, dropping INTEGER NOT NULL DEFAULT 0);
CREATE TABLE point_item(
  job TEXT NOT NULL REFERENCES point(job), number INTEGER NOT NULL, kind TEXT NOT NULL,
  subject TEXT NOT NULL, detail TEXT NOT NULL, place TEXT NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY(job, number));
)";
constexpr int kSchemaVersion = 2;

constexpr std::array<const char*, 8> kKindNames = {
    "container",          "draft", "volume-swap", "volume-created", "database-swap",
    "volume-replacement", "drill", "hook"};
constexpr std::array<const char*, 5> kItemNames = {"volume", "archive", "database", "new-volume",
                                                   "new-database"};
constexpr std::array<const char*, 7> kStateNames = {"created",  "running", "paused", "restarting",
                                                    "removing", "exited",  "dead"};

template <typename Enum, std::size_t N>
Enum enum_from(const std::array<const char*, N>& names, const std::string& text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (text == names.at(i)) {
      return static_cast<Enum>(i);
    }
  }
  throw JournalError("the journal says \"" + text +
                     "\" where this version knows no such word; was it written by a newer one?");
}

template <typename Enum, std::size_t N>
std::string name_of(const std::array<const char*, N>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

std::string new_job_id() {
  std::random_device source;
  std::uniform_int_distribution<int> digit(0, 35);
  std::string id;
  for (int i = 0; i < 12; ++i) {
    id += "0123456789abcdefghijklmnopqrstuvwxyz"[digit(source)];
  }
  return id;
}

Step read_step(Statement& row) {
  Step step;
  step.id = row.number(0);
  step.kind = enum_from<Step::Kind>(kKindNames, row.text(1));
  step.subject = row.text(13);
  step.detail = row.text(14);
  step.place = row.text(16);
  if (step.kind == Step::Kind::Container) {
    PlannedStop& stop = step.stop;
    stop.container.value = row.text(2);
    stop.name = row.text(3);
    stop.project = row.text(4);
    stop.service = row.text(5);
    stop.number = static_cast<int>(row.number(6));
    stop.action = row.text(7) == "pause" ? PlannedStop::Action::Pause : PlannedStop::Action::Stop;
    stop.level = static_cast<std::size_t>(row.number(8));
    stop.state = enum_from<dockerapi::ContainerState>(kStateNames, row.text(9));
    stop.restart_policy = {row.text(10), static_cast<int>(row.number(11))};
    stop.started_at = row.text(12);
    stop.await_healthy = row.number(15) != 0;
  }
  return step;
}

JobRecord read_job(Statement& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3),
          row.text(4), row.text(5), row.text(6), row.number(7) != 0};
}

constexpr const char* kJobColumns =
    "SELECT id, kind, snapshot, project, started_at, state, note, past_commit FROM job ";

}  // namespace

std::uint64_t kept_bytes(const RollbackPoint& point) {
  std::uint64_t bytes = 0;
  for (const auto& item : point.items) {
    bytes += item.bytes;
  }
  return bytes;
}

struct Journal::State {
  std::unique_ptr<sqlite3, CloseDatabase> database;
  std::mutex mutex;

  void run(const char* sql) {
    if (sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      fail_journal(database.get(), "open");
    }
  }

  /// All of `work` or nothing of it.
  template <typename Work>
  void transaction(Work work) {
    const std::scoped_lock lock(mutex);
    run("BEGIN IMMEDIATE");
    try {
      work();
    } catch (...) {
      sqlite3_exec(database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
      throw;
    }
    run("COMMIT");
  }

  void bring_up_to_date(std::int64_t version) {
    if (version < 2) {
      // Another process may have done it since the version was read.
      transaction([this] {
        run(kSchema);
        Statement now(database.get(), "PRAGMA user_version");
        now.step();
        if (now.number(0) < 2) {
          run(kSecondVersion);
          run("PRAGMA user_version = 2");
        }
      });
    }
  }

  void insert_point(const RollbackPoint& point) {
    Statement(database.get(),
              "INSERT INTO point(job, kind, project, snapshot, created_at, expires_at) "
              "VALUES(?,?,?,?,?,?)")
        .bind(point.job)
        .bind(point.kind)
        .bind(point.project)
        .bind(point.snapshot)
        .bind(point.created_at)
        .bind(point.expires_at)
        .step();
    std::int64_t number = 0;
    for (const auto& item : point.items) {
      Statement(database.get(),
                "INSERT INTO point_item(job, number, kind, subject, detail, place, bytes) "
                "VALUES(?,?,?,?,?,?,?)")
          .bind(point.job)
          .bind(number++)
          .bind(name_of(kItemNames, item.kind))
          .bind(item.subject)
          .bind(item.detail)
          .bind(item.place)
          .bind(static_cast<std::int64_t>(item.bytes))
          .step();
    }
  }

  void remove_point(const std::string& job) {
    Statement(database.get(), "DELETE FROM point_item WHERE job = ?").bind(job).step();
    Statement(database.get(), "DELETE FROM point WHERE job = ?").bind(job).step();
  }

  std::vector<KeptItem> query_items(const std::string& job) {
    Statement rows(database.get(),
                   "SELECT kind, subject, detail, place, bytes FROM point_item WHERE job = ? "
                   "ORDER BY number");
    rows.bind(job);
    std::vector<KeptItem> items;
    while (rows.step()) {
      items.push_back({enum_from<KeptItem::Kind>(kItemNames, rows.text(0)), rows.text(1),
                       rows.text(2), rows.text(3), static_cast<std::uint64_t>(rows.number(4))});
    }
    return items;
  }

  std::vector<JobRecord> query_jobs(const std::string& condition) {
    const std::scoped_lock lock(mutex);
    Statement rows(database.get(), (kJobColumns + condition).c_str());
    std::vector<JobRecord> found;
    while (rows.step()) {
      found.push_back(read_job(rows));
    }
    return found;
  }
};

Journal::Journal(const std::filesystem::path& file) : state_(std::make_unique<State>()) {
  std::error_code problem;
  std::filesystem::create_directories(file.parent_path(), problem);
  if (problem) {
    throw JournalError("cannot create " + file.parent_path().string() + ": " + problem.message());
  }
  sqlite3* raw = nullptr;
  const int result =
      sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  state_->database.reset(raw);
  if (result != SQLITE_OK) {
    throw JournalError("cannot open the journal " + file.string() + ": " +
                       (raw ? sqlite3_errmsg(raw) : "out of memory"));
  }
  sqlite3_busy_timeout(raw, 10'000);
  // WAL needs shared memory, which some network file systems lack: SQLite then keeps its old mode.
  sqlite3_exec(raw, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
  state_->run("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
  Statement version(raw, "PRAGMA user_version");
  version.step();
  if (version.number(0) > kSchemaVersion) {
    throw JournalError("the journal " + file.string() +
                       " was written by a newer version of cofferdam");
  }
  state_->bring_up_to_date(version.number(0));
}

Journal::~Journal() = default;

std::string Journal::begin(const std::string& kind, const std::string& snapshot,
                           const std::string& project) {
  const std::scoped_lock lock(state_->mutex);
  const std::string id = new_job_id();
  Statement(state_->database.get(),
            "INSERT INTO job(id, kind, snapshot, project, started_at, state) "
            "VALUES(?,?,?,?,?,'running')")
      .bind(id)
      .bind(kind)
      .bind(snapshot)
      .bind(project)
      .bind(rfc3339(std::chrono::system_clock::now()))
      .step();
  return id;
}

std::int64_t Journal::intend(const std::string& job, const Step& step) {
  const std::scoped_lock lock(state_->mutex);
  const PlannedStop& stop = step.stop;
  const bool pauses = stop.action == PlannedStop::Action::Pause;
  Statement(state_->database.get(),
            "INSERT INTO step(job, kind, container, name, project, service, number, action, level, "
            "was, policy, policy_retries, started_at, await_healthy, subject, detail, place) "
            "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .bind(job)
      .bind(name_of(kKindNames, step.kind))
      .bind(stop.container.value)
      .bind(stop.name)
      .bind(stop.project)
      .bind(stop.service)
      .bind(stop.number)
      .bind(std::string(pauses ? "pause" : "stop"))
      .bind(static_cast<std::int64_t>(stop.level))
      .bind(name_of(kStateNames, stop.state))
      .bind(stop.restart_policy.name)
      .bind(stop.restart_policy.maximum_retries)
      .bind(stop.started_at)
      .bind(stop.await_healthy ? 1 : 0)
      .bind(step.subject)
      .bind(step.detail)
      .bind(step.place)
      .step();
  return sqlite3_last_insert_rowid(state_->database.get());
}

void Journal::settle(std::int64_t step) {
  const std::scoped_lock lock(state_->mutex);
  Statement(state_->database.get(), "UPDATE step SET settled = 1 WHERE id = ?").bind(step).step();
}

void Journal::commit(const RollbackPoint& point, const std::string& consumed_point) {
  state_->transaction([&] {
    auto* database = state_->database.get();
    Statement(database, "UPDATE job SET past_commit = 1 WHERE id = ?").bind(point.job).step();
    state_->remove_point(consumed_point);
    if (!point.items.empty()) {
      state_->insert_point(point);
    }
  });
}

std::vector<RollbackPoint> Journal::points() {
  const std::scoped_lock lock(state_->mutex);
  std::vector<RollbackPoint> found;
  Statement rows(state_->database.get(),
                 "SELECT job, kind, project, snapshot, created_at, expires_at, dropping FROM point "
                 "ORDER BY rowid DESC");
  while (rows.step()) {
    found.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4),
                     rows.text(5), rows.number(6) != 0, state_->query_items(rows.text(0))});
  }
  return found;
}

void Journal::set_bytes(const std::string& job, std::size_t index, std::uint64_t bytes) {
  const std::scoped_lock lock(state_->mutex);
  Statement(state_->database.get(), "UPDATE point_item SET bytes = ? WHERE job = ? AND number = ?")
      .bind(static_cast<std::int64_t>(bytes))
      .bind(job)
      .bind(static_cast<std::int64_t>(index))
      .step();
}

void Journal::begin_drop(const std::string& job) {
  const std::scoped_lock lock(state_->mutex);
  Statement(state_->database.get(), "UPDATE point SET dropping = 1 WHERE job = ?").bind(job).step();
}

void Journal::forget_point(const std::string& job) {
  state_->transaction([&] { state_->remove_point(job); });
}

void Journal::finish(const std::string& job, const std::string& state, const std::string& note) {
  const std::scoped_lock lock(state_->mutex);
  Statement(state_->database.get(),
            "UPDATE job SET state = ?, note = ?, finished_at = ? WHERE id = ?")
      .bind(state)
      .bind(note)
      .bind(rfc3339(std::chrono::system_clock::now()))
      .bind(job)
      .step();
}

std::vector<JobRecord> Journal::open_jobs() {
  return state_->query_jobs(
      "WHERE finished_at IS NULL OR id IN (SELECT job FROM step WHERE settled = 0) ORDER BY rowid");
}

std::vector<JobRecord> Journal::jobs(int limit) {
  return state_->query_jobs("ORDER BY rowid DESC LIMIT " + std::to_string(limit));
}

std::vector<Step> Journal::open_steps(const std::string& job) {
  const std::scoped_lock lock(state_->mutex);
  Statement rows(state_->database.get(),
                 "SELECT id, kind, container, name, project, service, number, action, level, was, "
                 "policy, policy_retries, started_at, subject, detail, await_healthy, place "
                 "FROM step WHERE job = ? AND settled = 0 ORDER BY id");
  rows.bind(job);
  std::vector<Step> found;
  while (rows.step()) {
    found.push_back(read_step(rows));
  }
  return found;
}

}  // namespace controller
