// A database driver in memory: one database, frozen and dumped as told.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/database/database_driver.h"

/// What the fake databases were asked, in order: "connect db", "freeze app", "dump app".
struct DatabaseScript {
  std::vector<std::string> log;
  std::function<void(const std::string& call)> before = [](const std::string&) {};

  // What is on the server: content by name.  The live one is "app".
  std::map<std::string, std::string> content = {{"app", "old"}};

  // Where what is live came from, by the job that swapped it in, until the job is over.
  std::map<std::string, std::string> origins;

  void swap_back(const std::string& job);

  [[nodiscard]] bool live_is_new() const { return content.at("app") == "new"; }

  bool sql_waits_for_stop = false;

  // What stands against a restore, and what it would change.
  std::vector<std::string> objections = {};
  std::vector<std::string> cautions = {};

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
