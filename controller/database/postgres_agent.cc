#include "controller/database/postgres_agent.h"

#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <system_error>

#include "controller/database/server_connection.h"
#include "controller/database/sql_protocol.h"

namespace controller {

namespace {

void write_line(int descriptor, std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const auto written = ::write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) {
      throw ControllerGone(std::generic_category().message(errno));
    }
    rest.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

class Agent {
 public:
  explicit Agent(int in_fd) : input_(in_fd) {}

  bool next(std::string& line) { return input_.next(line); }

  SqlAnswer answer(const SqlRequest& request) {
    SqlAnswer answer;
    try {
      carry_out(request, answer);
    } catch (const ServerError& error) {
      answer.error = error.what();
      answer.sqlstate = error.sqlstate();
    }
    return answer;
  }

 private:
  void carry_out(const SqlRequest& request, SqlAnswer& answer) {
    if (request.action == SqlRequest::Action::Open) {
      auto opened = std::make_unique<ServerConnection>(input_, request.parameters);
      answer.server_version = opened->server_version();
      answer.backend = opened->backend();
      connections_[request.connection] = std::move(opened);
      return;
    }
    if (request.action == SqlRequest::Action::Close) {
      connections_.erase(request.connection);
      return;
    }
    const auto found = connections_.find(request.connection);
    if (found == connections_.end()) {
      throw ServerError("no such connection", "");
    }
    ask(*found->second, request, answer);
  }

  static void ask(ServerConnection& connection, const SqlRequest& request, SqlAnswer& answer) {
    switch (request.action) {
      case SqlRequest::Action::Query:
        answer.rows = connection.query(request.sql);
        break;
      case SqlRequest::Action::Checksum:
        answer.totals = connection.checksum(request.sql);
        break;
      case SqlRequest::Action::BeginCopy:
        connection.begin_copy(request.sql);
        break;
      case SqlRequest::Action::Copy:
        connection.copy(request.sql);
        break;
      case SqlRequest::Action::EndCopy:
        connection.end_copy();
        break;
      case SqlRequest::Action::Open:
      case SqlRequest::Action::Close:
        break;
    }
  }

  OrderInput input_;
  std::map<int, std::unique_ptr<ServerConnection>> connections_;
};

}  // namespace

int run_postgres_agent(int in_fd, int out_fd) {
  Agent agent(in_fd);
  std::string line;
  try {
    while (agent.next(line)) {
      write_line(out_fd, to_line(agent.answer(sql_request_from(line))));
    }
  } catch (const ControllerGone&) {
    return 1;
  }
  return 0;
}

}  // namespace controller
