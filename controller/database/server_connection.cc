#include "controller/database/server_connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>

namespace controller {

namespace {

constexpr auto kLoginTimeout = std::chrono::seconds(15);

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, FreeResult>;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

/// libpq keeps no SQLSTATE of a failed login, but writes it into a verbose message:
/// "FATAL:  28P01: password authentication failed …\nLOCATION:  auth_failed, auth.c:329".
ServerError login_error(std::string text) {
  const auto location = text.find("\nLOCATION: ");
  if (location != std::string::npos) {
    text.erase(location);
  }
  constexpr std::size_t kStateLength = 5;
  for (auto at = text.find(":  "); at != std::string::npos; at = text.find(":  ", at + 1)) {
    const auto state = text.substr(at + 3, kStateLength);
    const bool plausible =
        state.size() == kStateLength &&
        state.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
    if (plausible && text.compare(at + 3 + kStateLength, 2, ": ") == 0) {
      text.erase(at + 2, kStateLength + 2);
      return {trimmed(text), state};
    }
  }
  return {trimmed(text), ""};
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

ServerError result_error(const PGresult* result) {
  std::string text = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (text.empty()) {
    text = trimmed(PQresultErrorMessage(result));
  }
  constexpr std::array<int, 2> kFurther = {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT};
  for (const int code : kFurther) {
    const auto more = field(result, code);
    text += more.empty() ? "" : " (" + more + ")";
  }
  return {text, field(result, PG_DIAG_SQLSTATE)};
}

std::vector<SqlRow> rows_of(const PGresult* result) {
  std::vector<SqlRow> rows;
  const int columns = PQnfields(result);
  for (int row = 0; row < PQntuples(result); ++row) {
    SqlRow fields;
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        fields.emplace_back();
      } else {
        fields.emplace_back(
            std::string(PQgetvalue(result, row, column),
                        static_cast<std::size_t>(PQgetlength(result, row, column))));
      }
    }
    rows.push_back(std::move(fields));
  }
  return rows;
}

}  // namespace

bool OrderInput::fill() {
  std::array<char, 65536> buffer{};
  ssize_t size = -1;
  do {
    size = ::read(descriptor_, buffer.data(), buffer.size());
  } while (size < 0 && errno == EINTR);
  if (size <= 0) {
    return false;
  }
  pending_.append(buffer.data(), static_cast<std::size_t>(size));
  return true;
}

bool OrderInput::next(std::string& line) {
  auto end = pending_.find('\n');
  while (end == std::string::npos) {
    const auto scanned = pending_.size();
    if (!fill()) {
      return false;
    }
    end = pending_.find('\n', scanned);
  }
  line = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  return true;
}

bool OrderInput::await(int socket, bool write, int timeout_ms) {
  const auto wanted = static_cast<short>(write ? POLLOUT : POLLIN);
  std::array<pollfd, 2> waits{{{socket, wanted, 0}, {descriptor_, POLLIN, 0}}};
  int ready = 0;
  do {
    ready = ::poll(waits.data(), waits.size(), timeout_ms);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) {
    throw std::system_error(errno, std::generic_category(), "poll");
  }
  if (waits[1].revents != 0 && !fill()) {
    throw ControllerGone("the controller is gone");
  }
  return ready > 0;
}

struct ServerConnection::Login {
  struct Finish {
    void operator()(PGconn* used) const { PQfinish(used); }
  };
  std::unique_ptr<PGconn, Finish> connection;

  PGconn* operator*() const { return connection.get(); }
};

ServerConnection::ServerConnection(OrderInput& input,
                                   const std::map<std::string, std::string>& parameters)
    : input_(input), login_(std::make_unique<Login>()) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  login_->connection.reset(PQconnectStartParams(names.data(), values.data(), 0));
  PGconn* connection = **login_;
  if (connection == nullptr) {
    throw ServerError("out of memory", "");
  }
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);

  const auto deadline = std::chrono::steady_clock::now() + kLoginTimeout;
  auto state = PGRES_POLLING_WRITING;
  while (PQstatus(connection) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
         state != PGRES_POLLING_FAILED) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      throw ServerError("no answer from the server", "");
    }
    if (input_.await(PQsocket(connection), state == PGRES_POLLING_WRITING,
                     static_cast<int>(left.count()))) {
      state = PQconnectPoll(connection);
    }
  }
  if (PQstatus(connection) != CONNECTION_OK) {
    throw login_error(PQerrorMessage(connection));
  }
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  // Notices would go to stderr otherwise.
  PQsetNoticeReceiver(
      connection, [](void*, const PGresult*) {}, nullptr);
}

ServerConnection::~ServerConnection() = default;

int ServerConnection::server_version() const {
  return PQserverVersion(**login_);
}

int ServerConnection::backend() const {
  return PQbackendPID(**login_);
}

void ServerConnection::send(const std::string& sql) {
  if (PQsendQuery(**login_, sql.c_str()) != 1) {
    throw ServerError(trimmed(PQerrorMessage(**login_)), "");
  }
}

void ServerConnection::cancel_query() noexcept {
  std::array<char, 256> reason{};
  if (PGcancel* cancel = PQgetCancel(**login_)) {
    PQcancel(cancel, reason.data(), static_cast<int>(reason.size()));
    PQfreeCancel(cancel);
  }
}

void ServerConnection::await_socket(bool write) {
  try {
    input_.await(PQsocket(**login_), write, -1);
  } catch (const ControllerGone&) {
    cancel_query();
    throw;
  }
}

void ServerConnection::await_input() {
  await_socket(false);
  if (PQconsumeInput(**login_) != 1) {
    throw ServerError(trimmed(PQerrorMessage(**login_)), "");
  }
}

void ServerConnection::flush() {
  for (int state = PQflush(**login_); state != 0; state = PQflush(**login_)) {
    if (state < 0) {
      throw ServerError(trimmed(PQerrorMessage(**login_)), "");
    }
    await_socket(true);
  }
}

void ServerConnection::take_results() {
  std::optional<ServerError> error;
  while (true) {
    while (PQisBusy(**login_) != 0) {
      await_input();
    }
    const Result result(PQgetResult(**login_));
    if (!result) {
      break;
    }
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK && !error) {
      error = result_error(result.get());
    }
    if (PQstatus(**login_) == CONNECTION_BAD) {
      break;
    }
  }
  if (error) {
    throw ServerError(*error);
  }
}

std::vector<SqlRow> ServerConnection::query(const std::string& sql) {
  send(sql);
  std::vector<SqlRow> rows;
  std::optional<ServerError> error;
  while (true) {
    while (PQisBusy(**login_) != 0) {
      await_input();
    }
    const Result result(PQgetResult(**login_));
    if (!result) {
      break;
    }
    switch (PQresultStatus(result.get())) {
      case PGRES_TUPLES_OK:
        rows = rows_of(result.get());
        break;
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        rows.clear();
        break;
      default:
        if (!error) {
          error = result_error(result.get());
        }
    }
    if (PQstatus(**login_) == CONNECTION_BAD) {
      break;
    }
  }
  if (error) {
    throw ServerError(*error);
  }
  return rows;
}

void ServerConnection::take_rows(CopyChecksum& checksum) {
  while (true) {
    char* row = nullptr;
    const int size = PQgetCopyData(**login_, &row, 1);
    if (size > 0) {
      checksum.feed(std::string_view(row, static_cast<std::size_t>(size)));
      PQfreemem(row);
    } else if (size == 0) {
      await_input();
    } else {
      return;
    }
  }
}

void ServerConnection::enter_copy(const std::string& copy_sql, bool to_us) {
  send(copy_sql);
  while (PQisBusy(**login_) != 0) {
    await_input();
  }
  const Result started(PQgetResult(**login_));
  if (PQresultStatus(started.get()) == (to_us ? PGRES_COPY_OUT : PGRES_COPY_IN)) {
    return;
  }
  const auto error =
      PQresultStatus(started.get()) == PGRES_FATAL_ERROR
          ? result_error(started.get())
          : ServerError(to_us ? "not a COPY TO STDOUT" : "not a COPY FROM STDIN", "");
  while (const Result rest{PQgetResult(**login_)}) {
  }
  throw ServerError(error);
}

CopyTotals ServerConnection::checksum(const std::string& copy_sql) {
  enter_copy(copy_sql, true);
  CopyChecksum checksum;
  take_rows(checksum);
  take_results();
  return checksum.totals();
}

void ServerConnection::begin_copy(const std::string& copy_sql) {
  enter_copy(copy_sql, false);
}

void ServerConnection::copy(const std::string& rows) {
  // Else a server that takes nothing would keep us from noticing that the controller is gone.
  PQsetnonblocking(**login_, 1);
  for (int taken = 0; taken == 0;) {
    taken = PQputCopyData(**login_, rows.data(), static_cast<int>(rows.size()));
    if (taken < 0) {
      throw ServerError(trimmed(PQerrorMessage(**login_)), "");
    }
    if (taken == 0) {
      await_socket(true);
    }
  }
  flush();
  PQsetnonblocking(**login_, 0);
}

void ServerConnection::end_copy() {
  if (PQputCopyEnd(**login_, nullptr) != 1) {
    throw ServerError(trimmed(PQerrorMessage(**login_)), "");
  }
  take_results();
}

}  // namespace controller
