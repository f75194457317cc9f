#include "controller/capture/database_capture.h"

#include <algorithm>

namespace controller {

namespace {

/// Those of the server that the plan wants.
std::vector<DatabaseSession::Database> wanted(const PlannedDatabase& planned,
                                              std::vector<DatabaseSession::Database> present) {
  if (planned.databases.empty()) {
    return present;
  }
  std::vector<DatabaseSession::Database> chosen;
  for (const auto& name : planned.databases) {
    const auto found = std::ranges::find(present, name, &DatabaseSession::Database::name);
    if (found == present.end()) {
      throw DatabaseError("service " + planned.service + " has no database \"" + name +
                          "\", which " + planned.reason + " asks for");
    }
    chosen.push_back(*found);
  }
  return chosen;
}

DumpRequest for_service(DumpRequest request, const std::string& name) {
  request.folder = "databases/" + name;
  return request;
}

}  // namespace

DatabaseCapture::DatabaseCapture(Setting& setting, const CapturePlan& plan, DumpRequest request)
    : setting_(setting), request_(std::move(request)) {
  for (const auto& planned : plan.databases) {
    Server server;
    server.planned = planned;
    server.session = setting.databases.connect(
        {setting.engine.inspect(planned.container), planned.service, planned.detection});
    server.databases = wanted(planned, server.session->databases());
    servers_.push_back(std::move(server));
  }
}

std::vector<DatabaseSize> DatabaseCapture::sizes() const {
  std::vector<DatabaseSize> sizes;
  for (const auto& server : servers_) {
    for (const auto& database : server.databases) {
      sizes.push_back({server.planned.service + "/" + database.name, database.size_bytes});
    }
  }
  return sizes;
}

void DatabaseCapture::freeze(const std::stop_token& stop) {
  for (auto& server : servers_) {
    for (const auto& database : server.databases) {
      server.leases.push_back(server.session->freeze(database.name, stop));
    }
  }
}

DatabaseRecord DatabaseCapture::dump_one(const Server& server, DatabaseLease& lease,
                                         const std::string& component,
                                         const std::stop_token& stop) {
  setting_.reporter.phase("dumping " + component);
  std::uint64_t raw = 0;
  auto record = lease.dump(
      for_service(request_, server.planned.service),
      [&](std::uint64_t raw_bytes, std::uint64_t) {
        raw = raw_bytes;
        setting_.reporter.progress({"database " + component, raw_bytes, 0, false});
      },
      stop);
  for (const auto& waiter : lease.waiters()) {
    setting_.reporter.warning("session " + std::to_string(waiter.pid) + " of " + component +
                              " has waited for the dump for " +
                              std::to_string(waiter.waiting.count()) + " ms: " + waiter.query);
  }
  lease.release();
  record.service = server.planned.service;
  record.volume = server.planned.volume;
  setting_.reporter.progress({"database " + component, raw, raw, true});
  return record;
}

std::vector<DatabaseRecord> DatabaseCapture::dump(std::stop_token stop) {
  std::vector<DatabaseRecord> records;
  for (auto& server : servers_) {
    for (std::size_t i = 0; i < server.leases.size(); ++i) {
      records.push_back(dump_one(server, *server.leases[i],
                                 server.planned.service + "/" + server.databases[i].name, stop));
      for (const auto& warning : records.back().warnings) {
        setting_.reporter.warning("database " + records.back().name + ": " + warning);
      }
    }
  }
  return records;
}

std::vector<ServerRecord> DatabaseCapture::servers() {
  std::vector<ServerRecord> records;
  for (auto& server : servers_) {
    records.push_back(server.session->server(for_service(request_, server.planned.service)));
    records.back().service = server.planned.service;
  }
  return records;
}

}  // namespace controller
