#include "controller/database/postgres_totals.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <utility>

#include "controller/database/copy_statement.h"
#include "controller/database/postgres_inventory.h"

namespace controller {

namespace {

/// Which rows of a table a dump has, by its schema and name.
using Conditions = std::map<std::pair<std::string, std::string>, std::string>;

Conditions conditions_now(SqlConnection& connection) {
  Conditions conditions;
  for (const auto& table : postgres_tables(connection)) {
    conditions[{table.schema, table.name}] = table.condition;
  }
  return conditions;
}

/// A session more is worth an agent of its own only where it has much to read.
unsigned reading_sessions(PostgresServer& server, const std::vector<DumpedTable>& tables) {
  constexpr std::uint64_t kMuch = std::uint64_t{32} << 20U;
  std::uint64_t bytes = 0;
  for (const auto& table : tables) {
    bytes += table.bytes;
  }
  const auto wanted = std::min<std::uint64_t>(1 + bytes / kMuch, tables.size());
  return wanted < 2 ? 1
                    : static_cast<unsigned>(std::min<std::uint64_t>(wanted, sessions_for(server)));
}

/// A session more, or none: then the others read what it would have.
struct Another {
  Another(PostgresServer& first, const std::string& database) {
    try {
      server = first.another();
      session = server->connect(database);
    } catch (const std::exception&) {
      session.reset();
    }
  }

  std::unique_ptr<PostgresServer> server;
  std::unique_ptr<SqlConnection> session;  // ends before its server
};

}  // namespace

unsigned sessions_for(PostgresServer& server) {
  constexpr unsigned kMost = 4;
  const auto answer = server.output_of({"nproc"}).value_or("");
  unsigned processors = 1;
  std::from_chars(answer.data(), answer.data() + answer.size(), processors);
  return std::clamp(processors, 1U, kMost);
}

std::vector<DumpedTable> tables_now(PostgresServer& server, const std::string& database,
                                    std::vector<DumpedTable> tables) {
  const auto connection = server.connect(database);
  const auto conditions = conditions_now(*connection);
  std::erase_if(tables, [&](const DumpedTable& table) {
    return !conditions.contains({table.schema, table.name});
  });
  std::ranges::sort(tables, std::greater(), &DumpedTable::bytes);  // the last ones end together
  std::atomic<std::size_t> next = 0;
  const auto read_some = [&](SqlConnection& session) {
    try {
      for (auto at = next++; at < tables.size(); at = next++) {
        auto& table = tables[at];
        table.totals = session.checksum(copy_out_statement(
            parse_copy_statement(table.copy_statement), conditions.at({table.schema, table.name})));
      }
    } catch (...) {
      next = tables.size();  // the others need not go on
      throw;
    }
  };
  std::vector<std::future<void>> others;
  for (auto left = reading_sessions(server, tables) - 1; left > 0; --left) {
    // Deferred where no thread can be made: nothing is left to it then.
    others.push_back(std::async(std::launch::async | std::launch::deferred, [&] {
      if (const Another another(server, database); another.session) {
        read_some(*another.session);
      }
    }));
  }
  read_some(*connection);
  for (auto& other : others) {
    other.get();
  }
  return tables;
}

}  // namespace controller
