#include "controller/database/postgres_lease.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "controller/archive/artifact.h"
#include "controller/archive/volume_archive.h"
#include "controller/database/dump_reader.h"
#include "controller/database/sql_text.h"
#include "controller/database/timescale.h"
#include "dockerapi/error.h"

namespace controller {

namespace {

// Short tries: while we wait for one table we hold locks on others, and a migration waits for us.
constexpr const char* kLockTimeout = "5s";
constexpr int kAttempts = 6;
constexpr std::size_t kTablesPerLock = 1000;
constexpr unsigned kThreads = 2;
constexpr auto kWaiterInterval = std::chrono::seconds(2);
constexpr auto kWaiterThreshold = std::chrono::seconds(1);

constexpr std::string_view kLockNotAvailable = "55P03";
constexpr std::string_view kDeadlock = "40P01";
constexpr std::string_view kUndefinedTable = "42P01";
constexpr std::string_view kOutOfMemory = "53200";  // also: no room for more locks

/// Whether another try may go better.
bool may_pass(const std::string& sqlstate) {
  return sqlstate == kLockNotAvailable || sqlstate == kDeadlock || sqlstate == kUndefinedTable ||
         sqlstate == kOutOfMemory;
}

/// Ends what a dump left behind unless it went well.
class RunningDump {
 public:
  RunningDump(PostgresServer& server, std::string application)
      : server_(server), application_(std::move(application)) {}
  RunningDump(const RunningDump&) = delete;
  RunningDump& operator=(const RunningDump&) = delete;
  ~RunningDump() {
    if (running_) {
      // Its client in the container would run on, and hold its locks.
      server_.end_sessions_of(application_);
    }
  }
  void ended() { running_ = false; }

 private:
  PostgresServer& server_;
  std::string application_;
  bool running_ = true;
};

void note_checksums(const DumpContents& contents, std::vector<TableRecord>& tables) {
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> checksums;
  for (const auto& table : contents.tables) {
    checksums[{table.schema, table.name}] = table.totals.checksum;
  }
  for (auto& table : tables) {
    table.checksum = checksum_text(checksums.at({table.schema, table.name}));
  }
}

std::string extension_of(DumpFormat format) {
  return format == DumpFormat::Custom ? ".dump" : ".sql";
}

}  // namespace

PostgresLease::PostgresLease(std::shared_ptr<PostgresServer> server, const std::string& database,
                             const std::string& service, std::vector<std::string> warnings,
                             const std::stop_token& stop)
    : server_(std::move(server)), connection_(server_->connect(database)) {
  application_ = "cofferdam-dump-" + std::to_string(connection_->backend());
  record_.warnings = std::move(warnings);
  lock_and_export(stop);
  record_.service = service;
}

void PostgresLease::lock_and_export(const std::stop_token& stop) {
  bool lock = true;
  std::string obstacle;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (stop.stop_requested()) {
      throw Interrupted("given up before the database was frozen");
    }
    try {
      if (try_lock(postgres_tables(*connection_), lock)) {
        break;
      }
      obstacle = "tables were created or dropped all the time";
    } catch (const SqlError& error) {
      if (!may_pass(error.sqlstate())) {
        throw;
      }
      lock = lock && error.sqlstate() != kOutOfMemory;
      obstacle = error.what();
    }
    connection_->query("ROLLBACK");
  }
  if (record_.snapshot_id.empty()) {
    throw DatabaseError("cannot freeze the database: " + obstacle);
  }
  if (!lock) {
    record_.warnings.emplace_back(
        "too many tables to lock beforehand (max_locks_per_transaction): TRUNCATE and rewriting "
        "ALTER TABLE during the dump would be noticed, not prevented");
  }
}

/// False if tables came or went between the list and the locks.
bool PostgresLease::try_lock(const std::vector<PostgresTable>& expected, bool lock) {
  connection_->query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '" +
                     std::string(kLockTimeout) + "'");
  // LOCK takes no snapshot.  Locked before the first SELECT, no table can be truncated or rewritten
  // between the snapshot and pg_dump's own locks: neither is undone by a snapshot.
  for (std::size_t first = 0; lock && first < expected.size(); first += kTablesPerLock) {
    std::string names;
    for (std::size_t at = first; at < std::min(first + kTablesPerLock, expected.size()); ++at) {
      names += names.empty() ? "ONLY " : ", ONLY ";
      names += quoted_name(expected[at].schema) + "." + quoted_name(expected[at].name);
    }
    connection_->query("LOCK TABLE " + names + " IN ACCESS SHARE MODE");
  }
  const auto snapshot = connection_->value("SELECT pg_export_snapshot()");
  tables_ = postgres_tables(*connection_);
  if (tables_ != expected) {
    return false;
  }
  auto warnings = std::move(record_.warnings);
  record_ = database_record(*connection_, connection_->value("SELECT current_database()"));
  record_.warnings = std::move(warnings);
  record_.snapshot_id = snapshot;
  return true;
}

SqlConnection& PostgresLease::open_connection() const {
  if (!connection_) {
    throw DatabaseError("the snapshot of " + record_.name + " was released");
  }
  return *connection_;
}

const DatabaseRecord& PostgresLease::inventory() const {
  if (!counted_) {
    if (timescale_of(record_)) {
      // pg_dump copies compressed chunks as they lie on disk; so they are counted.
      open_connection().query("SET LOCAL timescaledb.enable_transparent_decompression = off");
    }
    record_.tables = counted(open_connection(), tables_);
    counted_ = true;
  }
  return record_;
}

std::vector<std::string> PostgresLease::dump_command(const DumpRequest& request) const {
  std::vector<std::string> command = {
      "pg_dump",
      "--no-password",
      "--lock-wait-timeout=30s",
      "--snapshot=" + record_.snapshot_id,
      request.format == DumpFormat::Custom ? "--format=custom" : "--format=plain",
      "--compress=0"};
  if (record_.encoding != "SQL_ASCII") {
    command.emplace_back("--encoding=UTF8");
  }
  command.push_back("--dbname=" + server_->connection_string_for(record_.name, application_));
  return command;
}

DatabaseRecord PostgresLease::dump(
    const DumpRequest& request, const std::function<void(std::uint64_t, std::uint64_t)>& progress,
    std::stop_token stop) {
  open_connection();
  DatabaseRecord record = record_;
  record.format = request.format == DumpFormat::Custom ? "custom" : "plain";
  record.artifact.path = request.folder + "/" + file_name_of(record.name) +
                         extension_of(request.format) + file_extension(request.compression);
  const auto path = request.directory / record.artifact.path;
  std::filesystem::create_directories(path.parent_path());
  ArtifactSink sink(path, request.compression, kThreads);
  const DumpContents contents = stream_into(sink, request, progress, stop);

  // The tables are in memory now, so that counting them is cheap.
  record.tables = inventory().tables;
  record.warnings = record_.warnings;
  const auto wrong = disagreements(contents, record.tables, record.large_objects);
  if (!wrong.empty()) {
    throw DatabaseError("the dump of " + record.name +
                        " disagrees with its snapshot: " + wrong.front());
  }
  note_checksums(contents, record.tables);
  record.dump_tool_version = contents.dump_version;
  record.schema_sha256 = contents.schema_sha256;
  const auto digest = sink.close();
  record.artifact.bytes = digest.stored_bytes;
  record.artifact.raw_bytes = digest.raw_bytes;
  record.artifact.sha256 = digest.sha256;
  return record;
}

/// Runs pg_dump; what it wrote is stored and was read to its end.
DumpContents PostgresLease::stream_into(
    ArtifactSink& sink, const DumpRequest& request,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress,
    const std::stop_token& stop) {
  DumpStream stream(request.format);
  std::optional<IntegrityError> damage;
  auto next_look = std::chrono::steady_clock::now() + kWaiterInterval;
  RunningDump running(*server_, application_);
  const auto outcome = server_->run(
      dump_command(request), {},
      [&](std::string_view bytes) {
        if (damage) {
          return;  // perhaps no archive but a message: the exit code will tell
        }
        try {
          stream.feed(bytes);
        } catch (const IntegrityError& error) {
          damage = error;
          return;
        }
        sink.write(bytes);
        progress(sink.raw_bytes(), sink.stored_bytes());
        if (std::chrono::steady_clock::now() >= next_look) {
          note_waiters();
          next_look = std::chrono::steady_clock::now() + kWaiterInterval;
        }
      },
      stop);
  running.ended();
  if (outcome.exit_code != 0) {
    throw DatabaseError("pg_dump of " + record_.name + " failed with exit code " +
                        std::to_string(outcome.exit_code) + ": " + outcome.complaints);
  }
  try {
    if (damage) {
      throw IntegrityError(*damage);
    }
    return stream.finish();
  } catch (const IntegrityError& error) {
    throw DatabaseError("pg_dump of " + record_.name +
                        " wrote what cannot be read: " + error.what());
  }
}

void PostgresLease::note_waiters() {
  for (const auto& waiter : waiters()) {
    if (waiter.waiting >= kWaiterThreshold && record_.warnings.size() < 20) {
      record_.warnings.push_back("during the dump a session waited for its locks: " + waiter.query);
    }
  }
}

std::vector<LockWaiter> PostgresLease::waiters() {
  if (!observer_) {
    observer_ = server_->connect_beside("");
  }
  std::vector<LockWaiter> found;
  for (const auto& row : observer_->query(
           "SELECT w.pid, left(w.query, 200),"
           " round(extract(epoch FROM clock_timestamp() - w.query_start) * 1000)::bigint"
           " FROM pg_stat_activity w WHERE w.wait_event_type = 'Lock' AND pg_blocking_pids(w.pid)"
           " && (SELECT array_agg(o.pid) FROM pg_stat_activity o WHERE o.application_name = " +
           quoted_text(application_) +
           " OR o.pid = " + std::to_string(open_connection().backend()) + ") ORDER BY 3 DESC")) {
    LockWaiter waiter;
    waiter.pid = std::stoi(row.at(0).value_or("0"));
    waiter.query = row.at(1).value_or("");
    waiter.waiting = std::chrono::milliseconds(std::stoll(row.at(2).value_or("0")));
    found.push_back(std::move(waiter));
  }
  return found;
}

void PostgresLease::release() {
  observer_.reset();
  connection_.reset();
}

}  // namespace controller
