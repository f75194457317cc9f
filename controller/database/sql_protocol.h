// What the controller and the postgres agent say to each other: one JSON document per line.  Every
// request gets exactly one answer.  Credentials travel only here, never in argv or environment.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/database/copy_checksum.h"

namespace controller {

/// The fields of one row as text; absent: NULL.
using SqlRow = std::vector<std::optional<std::string>>;

struct SqlRequest {
  /// Open logs in with libpq's `parameters`; Query answers with the rows of the last statement;
  /// Checksum runs a COPY … TO STDOUT and answers with its totals; BeginCopy starts a COPY … FROM
  /// STDIN, each Copy has some of its bytes for `sql`, EndCopy ends it.
  enum class Action { Open, Query, Checksum, BeginCopy, Copy, EndCopy, Close };

  Action action = Action::Query;
  int connection = 0;  // chosen by the controller
  std::string sql;
  std::map<std::string, std::string> parameters;

  friend bool operator==(const SqlRequest&, const SqlRequest&) = default;
};

struct SqlAnswer {
  std::string error;     // empty: it worked
  std::string sqlstate;  // of the error, if it is the server's
  std::vector<SqlRow> rows;
  CopyTotals totals;
  int server_version = 0;  // Open: 150008
  int backend = 0;         // Open: the server's process

  friend bool operator==(const SqlAnswer&, const SqlAnswer&) = default;
};

/// Lines without the newline.  Bytes that are not UTF-8 survive the round trip.
std::string to_line(const SqlRequest& request);
std::string to_line(const SqlAnswer& answer);

/// Throw std::invalid_argument.
SqlRequest sql_request_from(std::string_view line);
SqlAnswer sql_answer_from(std::string_view line);

}  // namespace controller
