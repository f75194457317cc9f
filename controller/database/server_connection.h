// The agent's side of one login to a PostgreSQL server, through libpq.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "controller/database/sql_protocol.h"

namespace controller {

/// Whoever gave the orders is gone: give up at once.
class ControllerGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The server said no, or cannot be reached.
class ServerError : public std::runtime_error {
 public:
  ServerError(const std::string& what, std::string sqlstate)
      : std::runtime_error(what), sqlstate_(std::move(sqlstate)) {}

  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  std::string sqlstate_;
};

/// Lines from the controller.  Also watched while a query runs, so that its end is noticed.
class OrderInput {
 public:
  explicit OrderInput(int descriptor) : descriptor_(descriptor) {}

  /// Blocks for the next line; false at the end.
  bool next(std::string& line);

  /// Blocks until `socket` is ready to be read (or written, if `write`), for `timeout_ms` at most
  /// (-1: no limit).  False once the time is over.  Throws ControllerGone at the end of input.
  bool await(int socket, bool write, int timeout_ms);

 private:
  bool fill();

  int descriptor_;
  std::string pending_;
};

/// Every wait ends with ControllerGone if the input ends; the running query is cancelled then.
class ServerConnection {
 public:
  /// Logs in.  Throws ServerError.
  ServerConnection(OrderInput& input, const std::map<std::string, std::string>& parameters);
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;
  ~ServerConnection();

  [[nodiscard]] int server_version() const;
  [[nodiscard]] int backend() const;

  /// Runs statements, in one transaction unless they say otherwise; rows of the last one.
  std::vector<SqlRow> query(const std::string& sql);

  /// Runs a COPY … TO STDOUT.
  CopyTotals checksum(const std::string& copy_sql);

  /// Runs a COPY … FROM STDIN.  What is wrong with a row is said by end_copy().
  void begin_copy(const std::string& copy_sql);
  void copy(const std::string& rows);
  void end_copy();

 private:
  struct Login;

  void send(const std::string& sql);
  void enter_copy(const std::string& copy_sql, bool to_us);
  void take_rows(CopyChecksum& checksum);
  /// Blocks until the server has something to say, or takes more if `write`.
  void await_socket(bool write);
  void await_input();
  void flush();
  /// Reads all results; throws the first that is an error.
  void take_results();
  void cancel_query() noexcept;

  OrderInput& input_;
  std::unique_ptr<Login> login_;
};

}  // namespace controller
