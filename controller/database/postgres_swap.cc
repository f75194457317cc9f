#include "controller/database/postgres_swap.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "controller/database/sql_text.h"
#include "controller/database/timescale.h"

namespace controller {

namespace {

constexpr auto kPoll = std::chrono::milliseconds(5);
// Whoever was logging in while connections were being closed comes in after the first signal.
constexpr auto kSignalAgain = std::chrono::milliseconds(50);
constexpr auto kGiveUp = std::chrono::seconds(10);
constexpr std::size_t kLongestJob = 24;
constexpr int kVersionWithForce = 130000;
constexpr int kRenameAttempts = 3;
constexpr std::string_view kInUse = "55006";
constexpr std::string_view kNewRole = "new";
constexpr std::string_view kKeptRole = "kept-";

bool exists(SqlConnection& connection, const std::string& name) {
  return !connection.value("SELECT 1 FROM pg_database WHERE datname = " + quoted_text(name))
              .empty();
}

std::string allow_connections(const std::string& name, bool allowed) {
  return "ALTER DATABASE " + quoted_name(name) + " ALLOW_CONNECTIONS " +
         (allowed ? "true" : "false");
}

std::string rename(const std::string& from, const std::string& to) {
  return "ALTER DATABASE " + quoted_name(from) + " RENAME TO " + quoted_name(to);
}

std::string unmark(const std::string& name) {
  return "ALTER DATABASE " + quoted_name(name) + " RESET cofferdam.swap";
}

/// Signals all sessions at once and waits for all: one after the other takes 100 ms each.
void end_sessions(SqlConnection& connection, const std::vector<std::string>& databases) {
  std::string list;
  for (const auto& name : databases) {
    list += list.empty() ? "" : ", ";
    list += quoted_text(name);
  }
  const std::string sessions =
      " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IN (" + list + ")";
  const auto start = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> signalled;
  while (true) {
    const auto now = std::chrono::steady_clock::now();
    if (!signalled || now - *signalled >= kSignalAgain) {
      connection.query("SELECT pg_terminate_backend(pid)" + sessions);
      signalled = now;
    }
    if (connection.value("SELECT count(*)" + sessions) == "0") {
      return;
    }
    if (now - start > kGiveUp) {
      throw DatabaseError(
          "sessions of the database do not end: " +
          connection.value("SELECT string_agg(coalesce(usename, backend_type) || ' ' "
                           "|| coalesce(application_name, ''), ', ')" +
                           sessions));
    }
    std::this_thread::sleep_for(kPoll);
  }
}

void refuse_prepared(SqlConnection& connection, const std::string& database) {
  const auto prepared =
      connection.value("SELECT string_agg(gid, ', ') FROM pg_prepared_xacts WHERE database = " +
                       quoted_text(database));
  if (!prepared.empty()) {
    throw DatabaseError(
        "database " + database +
        " has prepared transactions, which keep it from being renamed: " + prepared);
  }
}

/// Renames, within one transaction, `first` out of the way and `second` into its place.
void rename_both(SqlConnection& connection, const std::vector<std::string>& sessions_of,
                 const std::vector<std::string>& statements) {
  std::string transaction = "BEGIN";
  for (const auto& statement : statements) {
    transaction += "; ";
    transaction += statement;
  }
  for (int attempt = 1;; ++attempt) {
    end_sessions(connection, sessions_of);
    try {
      connection.query(transaction + "; COMMIT");
      return;
    } catch (const SqlError& error) {
      connection.query("ROLLBACK");
      // An autovacuum worker may have come in between.
      if (error.sqlstate() != kInUse || attempt == kRenameAttempts) {
        throw;
      }
    }
  }
}

/// Runs `swap` and, if it throws, makes `name` the live database that it was.
template <typename Swap>
void closed_meanwhile(SqlConnection& connection, const std::string& name, Swap swap) {
  try {
    swap();
  } catch (const DatabaseError&) {
    connection.query("BEGIN; " + allow_connections(name, true) + "; " + unmark(name) + "; COMMIT");
    throw;
  }
}

/// What the database that has just become live says of where it came from.
std::string arrival_mark(const SwapNames& names) {
  const auto role =
      names.keeper.empty() ? std::string(kNewRole) : std::string(kKeptRole) + names.keeper;
  return mark_statement(names.live, names, role);
}

/// What it says once it is back there.
std::string departure_mark(const SwapNames& names) {
  if (names.keeper.empty()) {
    return mark_statement(names.staged, names, "staged");
  }
  SwapNames before = names;
  before.job = names.keeper;
  return mark_statement(names.staged, before, "live");
}

void drop_subscription(SqlConnection& connection, const std::string& subscription) {
  connection.query("ALTER " + subscription + " DISABLE");
  // The slot belongs to whatever lives on in its place.
  connection.query("ALTER " + subscription + " SET (slot_name = NONE)");
  connection.query("DROP " + subscription);
}

void drop_subscriptions(PostgresServer& server, const std::string& name) {
  const auto connection = server.connect(name);
  connection->query("SET session_replication_role = replica");  // not to set off event triggers
  for (const auto& row :
       connection->query("SELECT subname FROM pg_subscription WHERE subdbid ="
                         " (SELECT oid FROM pg_database WHERE datname = current_database())")) {
    drop_subscription(*connection, "SUBSCRIPTION " + quoted_name(row.at(0).value_or("")));
  }
}

struct Marked {
  std::string database;
  std::string role;
  std::string live;
};

std::vector<Marked> marked_by(SqlConnection& connection, const std::string& job) {
  const std::string prefix = quoted_text("cofferdam.swap=" + job + ":");
  std::vector<Marked> found;
  for (const auto& row : connection.query(
           "SELECT d.datname, substr(c.config, length(" + prefix +
           ") + 1) FROM pg_database d JOIN pg_db_role_setting s ON s.setdatabase = d.oid"
           " AND s.setrole = 0, unnest(s.setconfig) AS c(config)"
           " WHERE left(c.config, length(" +
           prefix + ")) = " + prefix + " ORDER BY 1")) {
    const std::string mark = row.at(1).value_or("");
    const auto colon = mark.find(':');
    found.push_back({row.at(0).value_or(""), mark.substr(0, colon), mark.substr(colon + 1)});
  }
  return found;
}

/// Who had kept the database that `marked` says is live now under that name; empty: nobody.
std::string keeper_of(const std::vector<Marked>& marked, const std::string& live) {
  for (const auto& one : marked) {
    if (one.database == live && one.role.starts_with(kKeptRole)) {
      return one.role.substr(kKeptRole.size());
    }
  }
  return {};
}

/// The live database that swap_in() has closed, and not renamed.
void accept_again(SqlConnection& connection, const SwapNames& names) {
  for (const auto& one : marked_by(connection, names.job)) {
    if (one.role == "live" && one.database == names.live) {
      connection.query("BEGIN; " + allow_connections(names.live, true) + "; " + unmark(names.live) +
                       "; COMMIT");
    }
  }
}

}  // namespace

bool database_exists(PostgresServer& server, const std::string& name) {
  return exists(*server.connect_beside(name), name);
}

SwapNames kept_names(const std::string& database, const std::string& keeper,
                     const std::string& job) {
  auto names = swap_names(database, job);
  names.staged = swap_names(database, keeper).previous;
  names.keeper = keeper;
  return names;
}

SwapNames swap_names(const std::string& database, const std::string& job) {
  const std::string short_job =
      job.size() > kLongestJob ? job.substr(job.size() - kLongestJob) : job;
  return {database, derived_name(database, "__new_" + short_job),
          derived_name(database, "__old_" + short_job), job};
}

std::string mark_statement(const std::string& name, const SwapNames& names,
                           const std::string& role) {
  return "ALTER DATABASE " + quoted_name(name) +
         " SET cofferdam.swap = " + quoted_text(names.job + ":" + role + ":" + names.live);
}

void swap_in(PostgresServer& server, const SwapNames& names) {
  const auto connection = server.connect_beside(names.live);
  std::vector<std::string> arrival;
  if (!names.staged.empty()) {
    arrival = {rename(names.staged, names.live), arrival_mark(names),
               allow_connections(names.live, true)};
  }
  if (!exists(*connection, names.live)) {
    rename_both(*connection, {names.staged}, arrival);
    return;
  }
  refuse_prepared(*connection, names.live);
  // CONNECTION LIMIT would not keep superusers out, which is what applications in Compose stacks
  // often are.
  connection->query("BEGIN; " + mark_statement(names.live, names, "live") + "; " +
                    allow_connections(names.live, false) + "; COMMIT");
  closed_meanwhile(*connection, names.live, [&] {
    std::vector<std::string> statements = {rename(names.live, names.previous)};
    statements.insert(statements.end(), arrival.begin(), arrival.end());
    rename_both(*connection, {names.live, names.staged}, statements);
  });
}

void swap_out(PostgresServer& server, const SwapNames& names) {
  const auto connection = server.connect_beside(names.live);
  if (exists(*connection, names.staged)) {
    accept_again(*connection, names);  // it never came to the renames
    return;
  }
  const bool had_previous = exists(*connection, names.previous);
  connection->query(allow_connections(names.live, false));
  closed_meanwhile(*connection, names.live, [&] {
    std::vector<std::string> statements = {rename(names.live, names.staged), departure_mark(names),
                                           allow_connections(names.staged, names.keeper.empty())};
    if (had_previous) {
      statements.push_back(rename(names.previous, names.live));
      statements.push_back(unmark(names.live));
      statements.push_back(allow_connections(names.live, true));
    }
    rename_both(*connection, {names.live, names.previous}, statements);
  });
}

void drop_database(PostgresServer& server, const std::string& name) {
  const auto connection = server.connect_beside(name);
  if (!exists(*connection, name)) {
    return;
  }
  const auto subscriptions = connection->value(
      "SELECT count(*) FROM pg_subscription WHERE subdbid ="
      " (SELECT oid FROM pg_database WHERE datname = " +
      quoted_text(name) + ")");
  if (server.superuser() && subscriptions != "0") {
    connection->query(allow_connections(name, true));
    drop_subscriptions(server, name);
  }
  if (server.version() >= kVersionWithForce) {
    connection->query("DROP DATABASE " + quoted_name(name) + " WITH (FORCE)");
    return;
  }
  connection->query(allow_connections(name, false));
  end_sessions(*connection, {name});
  connection->query("DROP DATABASE " + quoted_name(name));
}

bool is_swapped(PostgresServer& server, const std::string& job) {
  return std::ranges::any_of(marked_by(*server.connect_beside(""), job), [](const auto& one) {
    return one.role != "staged" && (one.role != "live" || one.database != one.live);
  });
}

std::vector<std::string> recover_swaps(PostgresServer& server, const std::string& job) {
  std::vector<std::string> done;
  const auto marked = marked_by(*server.connect_beside(""), job);
  for (const auto& one : marked) {
    if (one.role != "live") {
      continue;
    }
    auto names = swap_names(one.live, job);
    const auto connection = server.connect_beside(one.live);
    if (one.database == one.live) {
      connection->query("BEGIN; " + allow_connections(one.live, true) + "; " + unmark(one.live) +
                        "; COMMIT");
      done.push_back("database " + one.live + " accepts connections again");
      continue;
    }
    names.previous = one.database;
    if (const auto keeper = keeper_of(marked, one.live); !keeper.empty()) {
      names = kept_names(one.live, keeper, job);
      names.previous = one.database;
      swap_out(server, names);
    } else if (exists(*connection, one.live)) {
      swap_out(server, names);
      drop_database(server, names.staged);
    } else {
      connection->query("BEGIN; " + rename(one.database, one.live) + "; " + unmark(one.live) +
                        "; " + allow_connections(one.live, true) + "; COMMIT");
    }
    done.push_back("database " + one.live + " is again what it was before the restore");
    for (auto& problem : start_timescale_workers(server, one.live)) {
      done.push_back(std::move(problem));
    }
  }
  // Asked again: what was live without a previous one has not been looked at yet.
  for (const auto& one : marked_by(*server.connect_beside(""), job)) {
    if (one.role == "staged" || one.role == kNewRole) {
      drop_database(server, one.database);
      done.push_back("dropped the half-restored database " + one.database);
    }
  }
  return done;
}

void keep_swaps(PostgresServer& server, const std::string& job) {
  for (const auto& one : marked_by(*server.connect_beside(""), job)) {
    if (one.role == kNewRole || one.role.starts_with(kKeptRole)) {
      server.connect_beside(one.database)->query(unmark(one.database));
    }
  }
}

}  // namespace controller
