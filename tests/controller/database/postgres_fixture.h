// What the tests against the local server share.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "controller/database/database_driver.h"
#include "controller/database/postgres_driver.h"
#include "tests/controller/database/local_docker.h"
#include "tests/controller/database/local_postgres.h"

namespace controller {

class PostgresTest : public testing::Test {
 protected:
  PostgresTest();
  ~PostgresTest() override;

  void SetUp() override;

  /// A session through the driver, kept until the test ends or asks for another.
  DatabaseSession& session();
  std::unique_ptr<DatabaseSession> connect() { return driver_->connect(docker_.target()); }

  DumpRequest request(DumpFormat format = DumpFormat::Custom);
  DatabaseRecord dump(const std::string& database, DumpFormat format = DumpFormat::Custom);

  /// Stages, verifies and commits; returns the findings of verify().
  std::vector<Finding> restore(const DatabaseRecord& record, const std::string& job = "job1");

  void create(const std::string& database, const std::string& statements);
  std::string sql(const std::string& database, const std::string& statements) {
    return server_.sql(database, statements);
  }
  /// All databases but the templates, "a, b".
  std::string names();

  LocalPostgres& server_;
  LocalDocker docker_;
  std::unique_ptr<DatabaseDriver> driver_;
  std::unique_ptr<DatabaseSession> session_;
  std::filesystem::path directory_;
  ServerRecord server_record_;
};

}  // namespace controller
