// A database driver in memory: one database, frozen and dumped as told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/database/database_driver.h"

/// What the fake databases were asked, in order: "connect db", "freeze app", "dump app".
struct DatabaseScript {
  std::vector<std::string> log;
  std::function<void(const std::string& call)> before = [](const std::string&) {};

  bool live_is_new = false;   // the live database is the restored one
  bool staged = false;        // a restored one waits beside it
  bool has_previous = false;  // the replaced one is kept
  bool sql_waits_for_stop = false;

  void note(const std::string& call) {
    before(call);
    log.push_back(call);
  }
};

class FakeDatabases : public controller::DatabaseDriver {
 public:
  explicit FakeDatabases(DatabaseScript& script) : script_(script) {}
  std::unique_ptr<controller::DatabaseSession> connect(
      const controller::DatabaseTarget& target) override;

 private:
  DatabaseScript& script_;
};
