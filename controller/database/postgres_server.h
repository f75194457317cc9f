// A PostgreSQL server in a container: logins through the agent, its own client programs by exec.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/agent/agent_container.h"
#include "controller/database/exec_process.h"
#include "controller/database/postgres_login.h"
#include "controller/database/sql_link.h"
#include "dockerapi/engine.h"

namespace controller {

/// What every step of a dump or a restore shares.  Not for several threads.
class PostgresServer {
 public:
  /// Starts the agent and logs in.  Throws DatabaseError with the server's words.
  PostgresServer(dockerapi::Engine& engine, const AgentImage& image,
                 dockerapi::Container container);

  /// Another one, to the same server through an agent of its own: for another thread.
  [[nodiscard]] std::unique_ptr<PostgresServer> another() const {
    return std::make_unique<PostgresServer>(engine_, image_, container_);
  }

  [[nodiscard]] int version() const { return version_; }  // 150008
  [[nodiscard]] bool superuser() const { return superuser_; }
  [[nodiscard]] const std::string& user() const { return login_.user; }
  [[nodiscard]] const dockerapi::Container& container() const { return container_; }

  /// A new session, free of time limits and of what the database's settings would change in the
  /// text of values.  Throws SqlError.
  std::unique_ptr<SqlConnection> connect(const std::string& database);

  /// As above, to a database from which `database` can be renamed or dropped.
  std::unique_ptr<SqlConnection> connect_beside(const std::string& database);

  /// Logs a client program in as connect() does; its sessions are named `application`.
  [[nodiscard]] std::string connection_string_for(const std::string& database,
                                                  const std::string& application) const;

  /// Runs one of the server's client programs in its container.  May be called on several threads.
  ExecOutcome run(std::vector<std::string> command, const ExecInput& input,
                  const ExecOutput& output, const std::stop_token& stop);

  /// What a program printed to stdout; nothing if it failed.
  std::optional<std::string> output_of(std::vector<std::string> command);

  /// Ends sessions of client programs named `application` that were left behind.
  void end_sessions_of(const std::string& application) noexcept;

  /// The text without the password.
  [[nodiscard]] std::string redacted(std::string text) const;

 private:
  void log_in(const std::vector<PostgresLogin>& logins);
  /// In another agent if ours was killed.
  std::unique_ptr<SqlConnection> open(const std::map<std::string, std::string>& parameters);
  /// The first of `databases`, which must not be empty, that lets us in.
  std::unique_ptr<SqlConnection> connect_to_first(const std::vector<std::string>& databases,
                                                  std::string& chosen);
  [[nodiscard]] std::map<std::string, std::string> parameters(const std::string& database,
                                                              const std::string& application) const;

  dockerapi::Engine& engine_;
  AgentImage image_;
  dockerapi::Container container_;
  std::string port_;
  PostgresLogin login_;
  std::string home_database_;  // one that let us in
  int version_ = 0;
  bool superuser_ = false;
  std::string name_;  // of our sessions
  SqlLink link_;
};

}  // namespace controller
