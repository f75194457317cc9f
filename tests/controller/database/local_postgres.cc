#include "tests/controller/database/local_postgres.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <stdexcept>
#include <utility>

#include "tests/controller/database/child_process.h"

namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

std::string free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(descriptor, generic, size) != 0 || ::getsockname(descriptor, generic, &size) != 0) {
    throw std::runtime_error("no free port");
  }
  ::close(descriptor);
  return std::to_string(ntohs(address.sin_port));
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char one : name) {
    text.append(one == '"' ? 2 : 1, one);
  }
  return text + '"';
}

}  // namespace

struct TestConnection::State {
  PGconn* connection = nullptr;
};

TestConnection::TestConnection(const std::string& port, const std::string& user,
                               const std::string& database, const std::string& password)
    : state_(std::make_unique<State>()) {
  const std::vector<const char*> names = {
      "host", "port", "user", "dbname", "password", "application_name", "client_encoding", nullptr};
  const std::vector<const char*> values = {"127.0.0.1",      port.c_str(),     user.c_str(),
                                           database.c_str(), password.c_str(), "test",
                                           "UTF8",           nullptr};
  state_->connection = PQconnectdbParams(names.data(), values.data(), 0);
  if (PQstatus(state_->connection) != CONNECTION_OK) {
    const std::string error = trimmed(PQerrorMessage(state_->connection));
    PQfinish(state_->connection);
    throw std::runtime_error(error);
  }
  PQsetNoticeReceiver(
      state_->connection, [](void*, const PGresult*) {}, nullptr);
}

TestConnection::~TestConnection() {
  PQfinish(state_->connection);
}

Rows TestConnection::rows(const std::string& sql) {
  PGresult* result = PQexec(state_->connection, sql.c_str());
  const auto status = PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const std::string error = trimmed(PQerrorMessage(state_->connection));
    PQclear(result);
    throw std::runtime_error(error + " in: " + sql.substr(0, 200));
  }
  Rows rows;
  for (int row = 0; row < PQntuples(result); ++row) {
    auto& fields = rows.emplace_back();
    for (int column = 0; column < PQnfields(result); ++column) {
      fields.emplace_back(PQgetvalue(result, row, column));
    }
  }
  PQclear(result);
  return rows;
}

std::string TestConnection::value(const std::string& sql) {
  const auto all = rows(sql);
  return all.empty() || all.front().empty() ? "" : all.front().front();
}

void TestConnection::begin(const std::string& sql) {
  PQsendQuery(state_->connection, sql.c_str());
}

std::string TestConnection::finish() {
  std::string error;
  while (PGresult* result = PQgetResult(state_->connection)) {
    error += trimmed(PQresultErrorMessage(result));
    PQclear(result);
  }
  return error;
}

PostgresAccess::PostgresAccess() : port_(free_port()) {}

bool accepts_logins(const std::string& log) {
  const auto listens = log.find("listening on IPv4 address");
  return listens != std::string::npos &&
         log.find("ready to accept connections", listens) != std::string::npos;
}

std::filesystem::path LocalPostgres::programs() {
  for (const char* directory :
       {"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin"}) {
    if (std::filesystem::exists(std::filesystem::path(directory) / "postgres")) {
      return directory;
    }
  }
  return {};
}

LocalPostgres& LocalPostgres::shared() {
  static LocalPostgres server;
  return server;
}

namespace {

/// Reads what the server writes until it ends; tells `ready`.
void read_log(int log, std::promise<void> ready) {
  std::string text;
  bool is_ready = false;
  std::array<char, 4096> bytes{};
  for (ssize_t size = 1; size > 0;) {
    size = ::read(log, bytes.data(), bytes.size());
    if (size > 0 && !is_ready) {
      text.append(bytes.data(), static_cast<std::size_t>(size));
      is_ready = accepts_logins(text);
      if (is_ready) {
        ready.set_value();
      }
    }
  }
  ::close(log);
  if (!is_ready) {
    ready.set_exception(
        std::make_exception_ptr(std::runtime_error("the server did not start: " + text)));
  }
}

}  // namespace

LocalPostgres::LocalPostgres() {
  std::string pattern = (std::filesystem::temp_directory_path() / "cofferdam-pg-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("mkdtemp failed");
  }
  directory_ = pattern;
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");  // NOLINT(concurrency-mt-unsafe): one thread yet
    if (user == nullptr || ::chown(pattern.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("there is no user postgres to run the server");
    }
  }
  output_of_child({(programs() / "initdb").string(), "--username=boss", "--auth=trust",
                   "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
                   "--pgdata=" + data_directory()});
  std::ofstream hba(directory_ / "data" / "pg_hba.conf");
  hba << "host all boss 127.0.0.1/32 trust\nhost replication boss 127.0.0.1/32 trust\n"
         "host all all 127.0.0.1/32 scram-sha-256\n";
  hba.close();
  std::array<int, 2> log{};
  if (::pipe2(log.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2 failed");
  }
  server_ = start_child(
      {(programs() / "postgres").string(), "-D", data_directory(), "-p", port(), "-k",
       directory_.string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c",
       "wal_level=logical", "-c", "max_prepared_transactions=5", "-c", "autovacuum=off"},
      log[1]);
  ::close(log[1]);
  std::promise<void> ready;
  auto is_ready = ready.get_future();
  log_reader_ = std::thread(read_log, log[0], std::move(ready));
  try {
    is_ready.get();
  } catch (...) {
    log_reader_.join();
    throw;
  }
}

LocalPostgres::~LocalPostgres() {
  ::kill(server_, SIGINT);
  ::waitpid(server_, nullptr, 0);
  log_reader_.join();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string PostgresAccess::sql(const std::string& database, const std::string& statements) const {
  return connect(database).value(statements);
}

void PostgresAccess::clean() const {
  auto connection = connect("template1");
  for (const auto& row : connection.rows("SELECT gid, database FROM pg_prepared_xacts")) {
    connect(row[1]).value("ROLLBACK PREPARED '" + row[0] + "'");
  }
  for (const auto& row : connection.rows(
           "SELECT datname FROM pg_database WHERE datname NOT IN ('template0', 'template1')")) {
    if (row[0] == "postgres" && connect("postgres")
                                        .value("SELECT count(*) FROM pg_tables"
                                               " WHERE schemaname = 'public'") == "0") {
      continue;  // as good as new
    }
    connection.value("ALTER DATABASE " + quoted(row[0]) + " ALLOW_CONNECTIONS true");
    {
      auto inside = connect(row[0]);
      inside.value("SET default_transaction_read_only = off");
      for (const auto& one : inside.rows("SELECT evtname FROM pg_event_trigger")) {
        inside.value("ALTER EVENT TRIGGER " + quoted(one[0]) + " DISABLE");
      }
      for (const auto& one : inside.rows(
               "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
               " WHERE d.datname = current_database()")) {
        inside.value("ALTER SUBSCRIPTION " + quoted(one[0]) + " DISABLE");
        inside.value("ALTER SUBSCRIPTION " + quoted(one[0]) + " SET (slot_name = NONE)");
        inside.value("DROP SUBSCRIPTION " + quoted(one[0]));
      }
    }
    connection.value("DROP DATABASE " + quoted(row[0]) + " WITH (FORCE)");
  }
  if (connection.value("SELECT 1 FROM pg_database WHERE datname = 'postgres'").empty()) {
    connection.value("CREATE DATABASE postgres");
  }
  for (const auto& row : connection.rows("SELECT rolname FROM pg_roles WHERE oid >= 16384")) {
    connection.value("DROP ROLE " + quoted(row[0]));
  }
}
