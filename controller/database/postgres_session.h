// A session with one PostgreSQL server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/database/database_driver.h"
#include "controller/database/postgres_server.h"

namespace controller {

class PostgresSession : public DatabaseSession {
 public:
  PostgresSession(std::shared_ptr<PostgresServer> server, DatabaseTarget target)
      : server_(std::move(server)), target_(std::move(target)) {}

  std::vector<Database> databases() override;
  ServerRecord server(const DumpRequest& request) override;
  std::unique_ptr<DatabaseLease> freeze(const std::string& database,
                                        const std::stop_token& stop) override;
  std::vector<std::string> objections(const DatabaseRecord& record,
                                      const ServerRecord& server) override;
  std::vector<std::string> cautions(const DatabaseRecord& record) override;
  std::unique_ptr<StagedDatabase> stage(const DatabaseRecord& record, const ServerRecord& server,
                                        const std::filesystem::path& snapshot_directory,
                                        const std::string& job) override;
  RestoredTable restore_table(const DatabaseRecord& record,
                              const std::filesystem::path& snapshot_directory,
                              const std::string& table, const std::stop_token& stop) override;
  std::unique_ptr<StagedDatabase> adopt(const std::string& database, const std::string& keeper,
                                        const std::string& job) override;
  std::uint64_t kept_bytes(const std::string& database, const std::string& keeper) override;
  void drop_kept(const std::string& database, const std::string& keeper) override;
  bool swapped(const std::string& job) override;
  std::vector<std::string> recover(const std::string& job) override;
  void keep(const std::string& job) override;
  void run_sql(const std::string& database, const std::string& sql,
               const std::function<void(std::string_view)>& output, std::stop_token stop) override;

 private:
  bool holds_anything(const std::string& database);
  Artifact write_globals(const DumpRequest& request);

  std::shared_ptr<PostgresServer> server_;
  DatabaseTarget target_;
};

}  // namespace controller
