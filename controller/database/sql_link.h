// The controller's way to a PostgreSQL server: connections that live in a postgres agent.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/agent/agent_container.h"
#include "controller/database/database_driver.h"
#include "controller/database/sql_protocol.h"

namespace controller {

/// The server said no to a statement or a login.
class SqlError : public DatabaseError {
 public:
  SqlError(const std::string& what, std::string sqlstate)
      : DatabaseError(what), sqlstate_(std::move(sqlstate)) {}

  /// Empty: the server did not even answer.
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  std::string sqlstate_;
};

/// A running postgres agent.  Not for several threads.
class SqlLink {
 public:
  explicit SqlLink(std::unique_ptr<AgentContainer> agent) : agent_(std::move(agent)) {}

  /// Throws DatabaseError if the agent has ended, SqlError for what the server answered.
  SqlAnswer ask(const SqlRequest& request);

  /// Whether ask() found that it has.
  [[nodiscard]] bool ended() const { return ended_; }

  /// Goes on with another one, in which none of the connections so far are open.
  void replace(std::unique_ptr<AgentContainer> agent);

  int next_connection() { return ++connections_; }

 private:
  std::unique_ptr<AgentContainer> agent_;
  int connections_ = 0;
  bool ended_ = false;
};

/// One login.  Destroying it ends it, and whatever transaction it has open.
class SqlConnection {
 public:
  /// Waits while the server is still starting.  Throws SqlError.
  SqlConnection(SqlLink& link, const std::map<std::string, std::string>& parameters);
  SqlConnection(const SqlConnection&) = delete;
  SqlConnection& operator=(const SqlConnection&) = delete;
  ~SqlConnection();

  [[nodiscard]] int server_version() const { return server_version_; }
  [[nodiscard]] int backend() const { return backend_; }

  /// Runs statements, in one transaction unless they say otherwise; rows of the last one.
  std::vector<SqlRow> query(std::string_view sql);

  /// First field of the first row; empty if there is none or it is NULL.
  std::string value(std::string_view sql);

  /// Totals of a COPY … TO STDOUT.
  CopyTotals checksum(std::string_view copy_sql);

  /// A COPY … FROM STDIN: its rows in pieces of any size, some hundred kilobytes are best.  Nothing
  /// else may be asked until its end.
  void begin_copy(std::string_view copy_sql);
  void copy(std::string_view rows);
  void end_copy();

 private:
  SqlAnswer ask(SqlRequest::Action action, std::string_view sql);

  SqlLink& link_;
  int number_;
  int server_version_ = 0;
  int backend_ = 0;
};

}  // namespace controller
