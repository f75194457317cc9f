// What the tests against the local server share.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "controller/database/database_driver.h"
#include "controller/database/postgres_driver.h"
#include "tests/controller/database/container_postgres.h"
#include "tests/controller/database/local_docker.h"
#include "tests/controller/database/local_postgres.h"

namespace controller {

class PostgresTest : public testing::Test {
 protected:
  /// On the server of this machine.
  PostgresTest() : PostgresTest(LocalPostgres::shared(), run_locally) {}
  PostgresTest(const PostgresAccess& server, fakes::Program exec);
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

  const PostgresAccess& server_;
  LocalDocker docker_;
  std::unique_ptr<DatabaseDriver> driver_;
  std::unique_ptr<DatabaseSession> session_;
  std::filesystem::path directory_;
  ServerRecord server_record_;

 private:
  std::map<std::pair<std::string, DumpFormat>, int> dumps_;  // how many
};

/// As above, on the server in a container of the image that the parameter names, or on this
/// machine's if it names none.  One container serves all tests of the process.
class PostgresVersionTest : public PostgresTest, public testing::WithParamInterface<const char*> {
 protected:
  PostgresVersionTest() : PostgresVersionTest(ContainerPostgres::shared(GetParam())) {}

  void SetUp() override;

 private:
  explicit PostgresVersionTest(const ContainerPostgres* container);
};

/// This machine's and a newer one.
inline const auto kPostgresVersions = testing::Values("", "cofferdam-test/postgres:17");

/// "cofferdam-test/postgres:17" as the name of a test: "postgres17".
std::string name_of_version(const testing::TestParamInfo<const char*>& instance);

}  // namespace controller
