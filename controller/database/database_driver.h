// How one kind of database server is frozen, dumped, staged, checked and swapped.
//
// One conformance suite runs against every driver (tests/controller/database).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "controller/archive/compression.h"
#include "controller/database/detection.h"
#include "controller/snapshot/manifest.h"
#include "controller/snapshot/verification.h"
#include "dockerapi/container.h"

namespace controller {

/// The database server, its client or our agent beside it could not do what was asked.  The live
/// databases are as they were before.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A restore that must not be tried: a missing extension, a newer server's dump, no room.
class DatabaseRefusal : public DatabaseError {
 public:
  using DatabaseError::DatabaseError;
};

/// The server to work on: a running container.
struct DatabaseTarget {
  dockerapi::Container container;
  std::string service;
  DatabaseDetection detection;
};

/// A session of somebody else that waits for a lock we hold.
struct LockWaiter {
  int pid = 0;
  std::string query;  // its first 200 characters
  std::chrono::milliseconds waiting{0};
};

enum class DumpFormat { Custom, Plain };

struct DumpRequest {
  std::filesystem::path directory;  // of the snapshot draft
  std::string folder;               // "databases/postgis": where artifacts go below it
  Compression compression;
  DumpFormat format = DumpFormat::Custom;
};

/// One database, frozen: what was committed before freeze() and nothing after it is seen, for as
/// long as the lease lives.  Destroying it releases it.
class DatabaseLease {
 public:
  virtual ~DatabaseLease() = default;

  /// What the snapshot shows: all of the record but its artifact, table checksums among them.
  [[nodiscard]] virtual const DatabaseRecord& inventory() const = 0;

  /// Dumps the database as of the freeze.  Returns the complete record only if every process of the
  /// pipe exited 0, the archive was read to its end, and rows and tables agree with the inventory;
  /// otherwise throws DatabaseError and leaves no file.  `progress` is told raw and stored bytes.
  virtual DatabaseRecord dump(const DumpRequest& request,
                              const std::function<void(std::uint64_t, std::uint64_t)>& progress,
                              std::stop_token stop) = 0;

  /// Who waits for us right now.
  virtual std::vector<LockWaiter> waiters() = 0;

  virtual void release() = 0;
};

/// A restored database beside the live one, not yet in its place.
class StagedDatabase {
 public:
  virtual ~StagedDatabase() = default;

  /// Names on the server, for the journal: the staged one, and where the live one goes.
  [[nodiscard]] virtual std::string staged_name() const = 0;
  [[nodiscard]] virtual std::string previous_name() const = 0;

  /// Row for row and hash for hash against the record.  Empty: all is well.
  virtual std::vector<Finding> verify() = 0;

  /// Ends the sessions of the live database and renames both in one transaction.  The live one
  /// stays, without connections, as previous_name().  If there was no live one, only the staged one
  /// is renamed.
  virtual void commit() = 0;

  /// After commit(): whether there was a live one, which is kept now.
  [[nodiscard]] virtual bool has_previous() const = 0;

  /// After commit(): swaps back.
  virtual void undo() = 0;

  /// Drops what is not live: before commit() the staged database, after it the previous one.
  virtual void discard() = 0;

  /// What the operator has to know or to do from here on, with the commands that do it; grows with
  /// commit() and undo().
  [[nodiscard]] virtual std::vector<std::string> warnings() const { return {}; }
};

/// What was done to one table.
struct RestoredTable {
  std::string schema;
  std::string name;
  std::uint64_t rows_before = 0;
  std::uint64_t rows = 0;

  friend bool operator==(const RestoredTable&, const RestoredTable&) = default;
};

/// A connection to one server: an agent container in its network namespace.  Not for several
/// threads.
class DatabaseSession {
 public:
  virtual ~DatabaseSession() = default;

  /// Names of the databases to dump, templates and our own leftovers excepted, with their sizes in
  /// bytes.
  struct Database {
    std::string name;
    std::uint64_t size_bytes = 0;
  };
  virtual std::vector<Database> databases() = 0;

  /// Roles as JSON, and globals.sql written to the folder for recovery by hand.
  virtual ServerRecord server(const DumpRequest& request) = 0;

  /// May have to wait for who holds locks on its tables.  Throws Interrupted some seconds after
  /// `stop` at the latest.
  virtual std::unique_ptr<DatabaseLease> freeze(const std::string& database,
                                                const std::stop_token& stop) = 0;

  /// What stands against restoring the record here: versions, extensions, locales, roles, rights,
  /// room, replication that a swap would break.
  /// Empty: nothing.  Touches nothing.
  virtual std::vector<std::string> objections(const DatabaseRecord& record,
                                              const ServerRecord& server) = 0;

  /// What such a restore would lose or change although nothing stands against it.  Touches nothing.
  virtual std::vector<std::string> cautions(const DatabaseRecord& /*record*/) { return {}; }

  /// Creates missing roles (existing ones are never altered) and restores the dump into a new
  /// database from template0, analysed, with owner, grants, settings and comment re-applied.  `job`
  /// makes its names unique.  On a throw nothing but perhaps roles is left.
  virtual std::unique_ptr<StagedDatabase> stage(const DatabaseRecord& record,
                                                const ServerRecord& server,
                                                const std::filesystem::path& snapshot_directory,
                                                const std::string& job) = 0;

  /// Puts the rows that the dump has of one table ("schema.table") into the live database, in the
  /// place of its own, and moves its sequences on where they are behind; all in one transaction.
  /// Others may read the old rows until then.  Throws DatabaseRefusal, with nothing changed, if the
  /// table's columns are others, or a foreign key would be broken from either side;
  /// dockerapi::Cancelled after a stop request, with nothing changed either; a DatabaseError that
  /// says so if the answer to COMMIT was lost, so that it is unknown whether the rows were
  /// replaced.
  virtual RestoredTable restore_table(const DatabaseRecord& /*record*/,
                                      const std::filesystem::path& /*snapshot_directory*/,
                                      const std::string& table, const std::stop_token& /*stop*/) {
    throw DatabaseRefusal("table " + table + " cannot be restored alone");
  }

  /// What `keeper`, an earlier job, replaced and kept of `database`, to be swapped in again by
  /// `job`; `keeper` empty: nothing, the live one only goes out of the way.  Its verify() finds
  /// nothing, and its discard() leaves it where it was.  Throws DatabaseError if it is not there
  /// any more.
  virtual std::unique_ptr<StagedDatabase> adopt(const std::string& database,
                                                const std::string& keeper,
                                                const std::string& job) = 0;

  /// What `keeper` kept of `database`: its size in bytes, 0 if it is gone; and its end.
  virtual std::uint64_t kept_bytes(const std::string& database, const std::string& keeper) = 0;
  virtual void drop_kept(const std::string& database, const std::string& keeper) = 0;

  /// Whether a swap of `job` is in effect: recover() would change what is live.
  virtual bool swapped(const std::string& job) = 0;

  /// After a crash of `job`: if a swap had begun, makes sure that a database of that name is live
  /// again, the previous one if both exist; drops the job's staged databases, and puts what it had
  /// adopted back where it was kept.  Says what it did.
  virtual std::vector<std::string> recover(const std::string& job) = 0;

  /// After the commit of `job`: what it swapped in stays live, what that replaced stays kept.
  virtual void keep(const std::string& job) = 0;

  /// Runs statements of the operator's in `database` up to their first error, each committed as it
  /// comes.  `output` is told what they print, errors at the end.  Throws DatabaseError if one
  /// failed, dockerapi::Cancelled after a stop request, when their session has been ended.
  virtual void run_sql(const std::string& database, const std::string& sql,
                       const std::function<void(std::string_view)>& output,
                       std::stop_token stop) = 0;
};

class DatabaseDriver {
 public:
  virtual ~DatabaseDriver() = default;

  /// Starts the agent in the target's network namespace and logs in with what the container's
  /// environment says.  Throws DatabaseError with the server's message, never with a password.
  virtual std::unique_ptr<DatabaseSession> connect(const DatabaseTarget& target) = 0;
};

/// Reads a stored dump through to its end and compares it with its record; for verify_snapshot().
std::vector<Finding> read_dump(const DatabaseRecord& record, const std::filesystem::path& file);

}  // namespace controller
