#include "controller/database/sql_link.h"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace controller {

namespace {

constexpr std::string_view kStartingUp = "57P03";  // or shutting down, or recovering
constexpr int kLoginAttempts = 60;
constexpr auto kLoginPause = std::chrono::milliseconds(500);

}  // namespace

void SqlLink::replace(std::unique_ptr<AgentContainer> agent) {
  agent_ = std::move(agent);
  ended_ = false;
}

SqlAnswer SqlLink::ask(const SqlRequest& request) {
  // Until it has answered: sending to one that was killed may fail, too.
  ended_ = true;
  agent_->send(to_line(request));
  const auto line = agent_->receive();
  ended_ = !line;
  if (!line) {
    const auto complaints = agent_->complaints();
    throw DatabaseError("the postgres agent ended" + (complaints.empty() ? "" : ": " + complaints));
  }
  try {
    auto answer = sql_answer_from(*line);
    if (!answer.error.empty()) {
      throw SqlError(answer.error, answer.sqlstate);
    }
    return answer;
  } catch (const std::invalid_argument& error) {
    throw DatabaseError(error.what());
  }
}

SqlConnection::SqlConnection(SqlLink& link, const std::map<std::string, std::string>& parameters)
    : link_(link), number_(link.next_connection()) {
  SqlRequest request;
  request.action = SqlRequest::Action::Open;
  request.connection = number_;
  request.parameters = parameters;
  for (int attempt = 1; backend_ == 0; ++attempt) {
    try {
      const auto answer = link_.ask(request);
      server_version_ = answer.server_version;
      backend_ = answer.backend;
    } catch (const SqlError& error) {
      if (error.sqlstate() != kStartingUp || attempt == kLoginAttempts) {
        throw;
      }
      std::this_thread::sleep_for(kLoginPause);
    }
  }
}

SqlConnection::~SqlConnection() {
  try {
    SqlRequest request;
    request.action = SqlRequest::Action::Close;
    request.connection = number_;
    link_.ask(request);
  } catch (const std::exception&) {
    // The agent is gone, and the connection with it.
  }
}

SqlAnswer SqlConnection::ask(SqlRequest::Action action, std::string_view sql) {
  SqlRequest request;
  request.action = action;
  request.connection = number_;
  request.sql = sql;
  return link_.ask(request);
}

std::vector<SqlRow> SqlConnection::query(std::string_view sql) {
  return ask(SqlRequest::Action::Query, sql).rows;
}

std::string SqlConnection::value(std::string_view sql) {
  const auto rows = query(sql);
  return rows.empty() || rows.front().empty() ? "" : rows.front().front().value_or("");
}

CopyTotals SqlConnection::checksum(std::string_view copy_sql) {
  return ask(SqlRequest::Action::Checksum, copy_sql).totals;
}

void SqlConnection::begin_copy(std::string_view copy_sql) {
  ask(SqlRequest::Action::BeginCopy, copy_sql);
}

void SqlConnection::copy(std::string_view rows) {
  ask(SqlRequest::Action::Copy, rows);
}

void SqlConnection::end_copy() {
  ask(SqlRequest::Action::EndCopy, "");
}

}  // namespace controller
