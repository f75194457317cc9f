#include "controller/database/sql_protocol.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "controller/agent/byte_text.h"

namespace controller {

namespace {

using nlohmann::json;
using Action = SqlRequest::Action;

NLOHMANN_JSON_SERIALIZE_ENUM(Action, {{Action::Open, "open"},
                                      {Action::Query, "query"},
                                      {Action::Checksum, "checksum"},
                                      {Action::BeginCopy, "begin_copy"},
                                      {Action::Copy, "copy"},
                                      {Action::EndCopy, "end_copy"},
                                      {Action::Close, "close"}})

json parse(std::string_view line) {
  auto document = json::parse(line, nullptr, false);
  if (!document.is_object()) {
    throw std::invalid_argument("not a line of the postgres agent: " +
                                std::string(line.substr(0, 60)));
  }
  return document;
}

/// Runs `read`, and turns a missing or mistyped field into the one exception we promise.
template <typename Read>
auto translated(Read read) {
  try {
    return read();
  } catch (const json::exception& error) {
    throw std::invalid_argument(std::string("not a line of the postgres agent: ") + error.what());
  }
}

json to_json(const SqlRow& row) {
  json fields = json::array();
  for (const auto& field : row) {
    fields.push_back(field ? json(text_from_bytes(*field)) : json());
  }
  return fields;
}

SqlRow row_from(const json& fields) {
  SqlRow row;
  for (const auto& field : fields) {
    row.push_back(field.is_null() ? std::nullopt
                                  : std::optional(bytes_from_text(field.get<std::string>())));
  }
  return row;
}

}  // namespace

std::string to_line(const SqlRequest& request) {
  json document = {{"do", request.action}, {"connection", request.connection}};
  if (!request.sql.empty()) {
    document["sql"] = text_from_bytes(request.sql);
  }
  for (const auto& [name, value] : request.parameters) {
    document["parameters"][name] = text_from_bytes(value);
  }
  return document.dump();
}

SqlRequest sql_request_from(std::string_view line) {
  return translated([&] {
    const json document = parse(line);
    SqlRequest request;
    request.action = document.at("do").get<Action>();
    request.connection = document.at("connection").get<int>();
    request.sql = bytes_from_text(document.value("sql", ""));
    if (document.contains("parameters")) {
      for (const auto& [name, value] : document.at("parameters").items()) {
        request.parameters[name] = bytes_from_text(value.get<std::string>());
      }
    }
    return request;
  });
}

std::string to_line(const SqlAnswer& answer) {
  if (!answer.error.empty()) {
    return json({{"error", text_from_bytes(answer.error)}, {"sqlstate", answer.sqlstate}}).dump();
  }
  json document = json::object();
  if (!answer.rows.empty()) {
    auto& rows = document["rows"] = json::array();
    for (const auto& row : answer.rows) {
      rows.push_back(to_json(row));
    }
  }
  if (answer.totals != CopyTotals()) {
    document["count"] = answer.totals.rows;
    document["checksum"] = answer.totals.checksum;
  }
  if (answer.server_version != 0) {
    document["server_version"] = answer.server_version;
    document["backend"] = answer.backend;
  }
  return document.dump();
}

SqlAnswer sql_answer_from(std::string_view line) {
  return translated([&] {
    const json document = parse(line);
    SqlAnswer answer;
    answer.error = bytes_from_text(document.value("error", ""));
    answer.sqlstate = document.value("sqlstate", "");
    if (document.contains("rows")) {
      for (const auto& row : document.at("rows")) {
        answer.rows.push_back(row_from(row));
      }
    }
    answer.totals.rows = document.value("count", std::uint64_t{0});
    answer.totals.checksum = document.value("checksum", std::uint64_t{0});
    answer.server_version = document.value("server_version", 0);
    answer.backend = document.value("backend", 0);
    return answer;
  });
}

}  // namespace controller
