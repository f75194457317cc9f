#include "tests/controller/database/postgres_fixture.h"

#include <cstdlib>
#include <utility>

namespace controller {

PostgresTest::PostgresTest(const PostgresAccess& server, fakes::Program exec)
    : server_(server),
      docker_(server_, std::move(exec)),
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
  const auto lease = session().freeze(database, {});
  auto wanted = request(format);
  // Files are not overwritten.
  if (const int nth = ++dumps_[{database, format}]; nth > 1) {
    wanted.folder += std::to_string(nth);
  }
  return lease->dump(wanted, [](std::uint64_t, std::uint64_t) {}, {});
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

PostgresVersionTest::PostgresVersionTest(const ContainerPostgres* container)
    : PostgresTest(container == nullptr
                       ? static_cast<const PostgresAccess&>(LocalPostgres::shared())
                       : *container,
                   container == nullptr ? fakes::Program(run_locally) : container->exec()) {}

void PostgresVersionTest::SetUp() {
  PostgresTest::SetUp();
  const std::string image = GetParam();
  if (!image.empty() && ContainerPostgres::shared(image) == nullptr) {
    GTEST_SKIP() << "COFFERDAM_TEST_ENGINE is not set, or has no image " << image;
  }
}

std::string name_of_version(const testing::TestParamInfo<const char*>& instance) {
  std::string name = std::string(instance.param);
  name.erase(0, name.rfind('/') + 1);
  std::erase(name, ':');
  return name.empty() ? "local" : name;
}

}  // namespace controller
