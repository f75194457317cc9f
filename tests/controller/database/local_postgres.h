// PostgreSQL servers for the tests, each on a port of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

/// Rows as text, NULL as "".
using Rows = std::vector<std::vector<std::string>>;

/// One login, by libpq.  Throws std::runtime_error with the server's words.
class TestConnection {
 public:
  TestConnection(const std::string& port, const std::string& user, const std::string& database,
                 const std::string& password = "");
  ~TestConnection();
  TestConnection(const TestConnection&) = delete;
  TestConnection& operator=(const TestConnection&) = delete;

  Rows rows(const std::string& sql);
  std::string value(const std::string& sql);

  /// Sends without waiting for the answer; finish() waits, and returns the error, empty if none.
  void begin(const std::string& sql);
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A server that listens on 127.0.0.1 and trusts its superuser "boss" there.
class PostgresAccess {
 public:
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] TestConnection connect(const std::string& database) const {
    return {port_, "boss", database};
  }

  /// Runs statements in a connection of their own; the first value of the last one.
  std::string sql(const std::string& database, const std::string& statements) const;

  /// Drops what a test left: databases but the first ones, roles.
  void clean() const;

 protected:
  PostgresAccess();

 private:
  std::string port_;  // free when this was made
};

/// True once a server that wrote this log accepts logins over TCP; one that is being initialised
/// listens on a socket only.
bool accepts_logins(const std::string& log);

/// The server of this machine; roles other than "boss" need a password.
class LocalPostgres : public PostgresAccess {
 public:
  /// The programs' directory of this machine's server; empty if it has none.
  static std::filesystem::path programs();

  /// One server for all tests of the process.
  static LocalPostgres& shared();

  LocalPostgres();
  ~LocalPostgres();
  LocalPostgres(const LocalPostgres&) = delete;
  LocalPostgres& operator=(const LocalPostgres&) = delete;

  [[nodiscard]] std::string data_directory() const { return (directory_ / "data").string(); }

 private:
  std::filesystem::path directory_;
  pid_t server_ = -1;
  std::thread log_reader_;
};
