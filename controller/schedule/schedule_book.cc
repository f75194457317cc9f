#include "controller/schedule/schedule_book.h"

#include <sqlite3.h>

#include "controller/outage/journal.h"
#include "controller/outage/statement.h"

namespace controller {

namespace {

using std::chrono::sys_seconds;
using Instant = std::optional<sys_seconds>;

struct CloseFile {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

// Seconds since 1970; what is absent is the least number there is.
constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS schedule(
  project TEXT NOT NULL, name TEXT NOT NULL, considered INTEGER NOT NULL, waiting INTEGER NOT NULL,
  first_seen INTEGER NOT NULL, started INTEGER NOT NULL, finished INTEGER NOT NULL,
  exit_code INTEGER NOT NULL, snapshot TEXT NOT NULL, succeeded INTEGER NOT NULL,
  PRIMARY KEY(project, name));
CREATE TABLE IF NOT EXISTS made_schedule(
  project TEXT NOT NULL, name TEXT NOT NULL, setting TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(project, name, setting)))";
// What a later version added.
constexpr const char* kTimes = R"(
ALTER TABLE schedule ADD COLUMN cron TEXT NOT NULL DEFAULT '';
ALTER TABLE schedule ADD COLUMN zone TEXT NOT NULL DEFAULT '')";
constexpr std::int64_t kAbsent = INT64_MIN;
constexpr int kPatience = 10'000;  // for another process's write; in milliseconds

std::int64_t number_of(sys_seconds time) {
  return time.time_since_epoch().count();
}

std::int64_t number_of(const Instant& time) {
  return time ? number_of(*time) : kAbsent;
}

sys_seconds time_of(std::int64_t number) {
  return sys_seconds(std::chrono::seconds(number));
}

Instant instant_of(std::int64_t number) {
  return number == kAbsent ? Instant() : time_of(number);
}

}  // namespace

struct ScheduleBook::State {
  std::unique_ptr<sqlite3, CloseFile> database;

  void run(const char* sql) {
    if (sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      fail_journal(database.get(), "open");
    }
  }

  bool has_times() {
    constexpr const char* kSql = "SELECT 1 FROM pragma_table_info('schedule') WHERE name = 'zone'";
    return Statement(database.get(), kSql).step();
  }

  void bring_up_to_date() {
    if (has_times()) {
      return;
    }
    run("BEGIN IMMEDIATE");
    if (!has_times()) {  // another process may have added them meanwhile
      run(kTimes);
    }
    run("COMMIT");
  }
};

ScheduleBook::ScheduleBook(const std::filesystem::path& file) : state_(std::make_unique<State>()) {
  sqlite3* raw = nullptr;
  const int result =
      sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  state_->database.reset(raw);
  if (result != SQLITE_OK) {
    fail_journal(raw, "open");
  }
  sqlite3_busy_timeout(raw, kPatience);
  state_->run("PRAGMA synchronous=FULL");
  state_->run(kTables);
  state_->bring_up_to_date();
}

ScheduleBook::~ScheduleBook() = default;

std::optional<ScheduleRecord> ScheduleBook::find(const std::string& project,
                                                 const std::string& schedule) {
  Statement row(state_->database.get(),
                "SELECT considered, waiting, first_seen, started, finished, exit_code, snapshot, "
                "succeeded, cron, zone FROM schedule WHERE project = ? AND name = ?");
  if (!row.bind(project).bind(schedule).step()) {
    return std::nullopt;
  }
  return ScheduleRecord{{time_of(row.number(0)), instant_of(row.number(1))},
                        time_of(row.number(2)),
                        instant_of(row.number(3)),
                        instant_of(row.number(4)),
                        static_cast<int>(row.number(5)),
                        row.text(6),
                        instant_of(row.number(7)),
                        row.text(8),
                        row.text(9)};
}

void ScheduleBook::put(const std::string& project, const std::string& schedule,
                       const ScheduleRecord& record) {
  Statement(state_->database.get(),
            "INSERT OR REPLACE INTO schedule(project, name, considered, waiting, first_seen, "
            "started, finished, exit_code, snapshot, succeeded, cron, zone) "
            "VALUES(?,?,?,?,?,?,?,?,?,?,?,?)")
      .bind(project)
      .bind(schedule)
      .bind(number_of(record.state.considered))
      .bind(number_of(record.state.waiting))
      .bind(number_of(record.first_seen))
      .bind(number_of(record.started))
      .bind(number_of(record.finished))
      .bind(record.exit_code)
      .bind(record.snapshot)
      .bind(number_of(record.succeeded))
      .bind(record.cron)
      .bind(record.zone)
      .step();
}

void ScheduleBook::note_success(const std::string& project, const std::string& schedule,
                                sys_seconds started) {
  Statement(state_->database.get(),
            "UPDATE schedule SET succeeded = ? WHERE project = ? AND name = ?")
      .bind(number_of(started))
      .bind(project)
      .bind(schedule)
      .step();
}

std::vector<MadeSchedule> ScheduleBook::made(const std::string& project) {
  Statement rows(state_->database.get(),
                 "SELECT name, setting, value FROM made_schedule WHERE project = ? ORDER BY name");
  rows.bind(project);
  std::vector<MadeSchedule> found;
  while (rows.step()) {
    if (found.empty() || found.back().name != rows.text(0)) {
      found.push_back({rows.text(0), {}});
    }
    found.back().settings.emplace(rows.text(1), rows.text(2));
  }
  return found;
}

void ScheduleBook::make(const std::string& project, const MadeSchedule& schedule) {
  state_->run("BEGIN IMMEDIATE");
  try {
    unmake(project, schedule.name);
    for (const auto& [setting, value] : schedule.settings) {
      Statement(state_->database.get(),
                "INSERT INTO made_schedule(project, name, setting, value) VALUES(?,?,?,?)")
          .bind(project)
          .bind(schedule.name)
          .bind(setting)
          .bind(value)
          .step();
    }
    state_->run("COMMIT");
  } catch (...) {
    sqlite3_exec(state_->database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

bool ScheduleBook::unmake(const std::string& project, const std::string& name) {
  Statement rows(state_->database.get(),
                 "DELETE FROM made_schedule WHERE project = ? AND name = ? RETURNING name");
  rows.bind(project).bind(name);
  bool any = false;
  while (rows.step()) {
    any = true;
  }
  return any;
}

}  // namespace controller
