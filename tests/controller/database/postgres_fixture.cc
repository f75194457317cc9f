#include "tests/controller/database/postgres_fixture.h"

#include <cstdlib>

namespace controller {

PostgresTest::PostgresTest()
    : server_(LocalPostgres::shared()),
      docker_(server_, run_locally),
      driver_(postgres_driver(docker_.engine(), docker_.image())) {
  std::string pattern = (std::filesystem::temp_directory_path() / "cofferdam-XXXXXX").string();
  directory_ = ::mkdtemp(pattern.data());
  server_.clean();
}

PostgresTest::~PostgresTest() {
  session_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void PostgresTest::SetUp() {
  server_record_.engine = "postgres";
}

DatabaseSession& PostgresTest::session() {
  if (!session_) {
    session_ = connect();
  }
  return *session_;
}

DumpRequest PostgresTest::request(DumpFormat format) {
  DumpRequest request;
  request.directory = directory_;
  request.folder = "databases/db";
  request.format = format;
  return request;
}

DatabaseRecord PostgresTest::dump(const std::string& database, DumpFormat format) {
  const auto lease = session().freeze(database);
  return lease->dump(request(format), [](std::uint64_t, std::uint64_t) {}, {});
}

std::vector<Finding> PostgresTest::restore(const DatabaseRecord& record, const std::string& job) {
  const auto staged = session().stage(record, server_record_, directory_, job);
  auto findings = staged->verify();
  if (findings.empty()) {
    staged->commit();
    staged->discard();
  }
  return findings;
}

void PostgresTest::create(const std::string& database, const std::string& statements) {
  auto connection = server_.connect("template1");
  std::string quoted = "\"";
  for (const char one : database) {
    quoted.append(one == '"' ? 2 : 1, one);
  }
  connection.value("CREATE DATABASE " + quoted + "\" TEMPLATE template0");
  server_.sql(database, statements);
}

std::string PostgresTest::names() {
  return sql("template1",
             "SELECT string_agg(datname, ', ' ORDER BY datname) FROM pg_database"
             " WHERE NOT datistemplate AND datname <> 'postgres'");
}

}  // namespace controller
