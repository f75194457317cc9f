// The databases of one run: connected before the outage, frozen in it, dumped after it.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/capture/setting.h"
#include "controller/plan/capture_plan.h"

namespace controller {

struct DatabaseSize {
  std::string component;  // "postgis/app"
  std::uint64_t bytes = 0;
};

class DatabaseCapture {
 public:
  /// Connects to every server of the plan.  Throws DatabaseError, also for a database that the plan
  /// names and the server does not have.
  DatabaseCapture(Setting& setting, const CapturePlan& plan, DumpRequest request);

  [[nodiscard]] std::vector<DatabaseSize> sizes() const;

  /// From here on every database is seen as it is now.
  void freeze(const std::stop_token& stop);

  /// Dumps and checks all of them, one after the other, each released as soon as it is on disk.
  std::vector<DatabaseRecord> dump(std::stop_token stop);

  /// Roles and globals of each server.
  std::vector<ServerRecord> servers();

 private:
  struct Server {
    PlannedDatabase planned;
    std::unique_ptr<DatabaseSession> session;
    std::vector<DatabaseSession::Database> databases;
    std::vector<std::unique_ptr<DatabaseLease>> leases;
  };

  DatabaseRecord dump_one(const Server& server, DatabaseLease& lease, const std::string& component,
                          const std::stop_token& stop);

  Setting& setting_;
  DumpRequest request_;
  std::vector<Server> servers_;
};

}  // namespace controller
