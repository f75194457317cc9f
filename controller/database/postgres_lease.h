// One PostgreSQL database, frozen: a transaction that holds its tables and exports its snapshot.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/archive/artifact.h"
#include "controller/database/database_driver.h"
#include "controller/database/postgres_inventory.h"
#include "controller/database/postgres_server.h"

namespace controller {

class PostgresLease : public DatabaseLease {
 public:
  /// Locks and exports.  Throws DatabaseError if the tables cannot be locked, Interrupted if `stop`
  /// is asked for meanwhile.
  PostgresLease(std::shared_ptr<PostgresServer> server, const std::string& database,
                const std::string& service, std::vector<std::string> warnings,
                const std::stop_token& stop);

  /// Rows are counted at the first call.
  [[nodiscard]] const DatabaseRecord& inventory() const override;

  DatabaseRecord dump(const DumpRequest& request,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress,
                      std::stop_token stop) override;
  std::vector<LockWaiter> waiters() override;
  void release() override;

 private:
  void lock_and_export(const std::stop_token& stop);
  bool try_lock(const std::vector<PostgresTable>& expected, bool lock);
  SqlConnection& open_connection() const;
  [[nodiscard]] std::vector<std::string> dump_command(const DumpRequest& request) const;
  DumpContents stream_into(ArtifactSink& sink, const DumpRequest& request,
                           const std::function<void(std::uint64_t, std::uint64_t)>& progress,
                           const std::stop_token& stop);
  void note_waiters();

  std::shared_ptr<PostgresServer> server_;
  std::string application_;  // names the sessions of pg_dump
  std::unique_ptr<SqlConnection> connection_;
  std::unique_ptr<SqlConnection> observer_;  // sees what happens outside the snapshot
  std::vector<PostgresTable> tables_;
  mutable bool counted_ = false;
  mutable DatabaseRecord record_;
};

}  // namespace controller
