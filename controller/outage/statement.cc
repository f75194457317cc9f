#include "controller/outage/statement.h"

#include <sqlite3.h>

#include <cerrno>

#include "controller/outage/journal.h"

namespace controller {

namespace {

/// Where SQLite needs shared memory or another file, it calls a full file system something else.
bool without_room(sqlite3* database) {
  const int code = sqlite3_errcode(database);
  const int error = sqlite3_system_errno(database);
  const bool by_system = code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
  return code == SQLITE_FULL || (by_system && (error == ENOSPC || error == EDQUOT));
}

}  // namespace

void fail_journal(sqlite3* database, const std::string& what) {
  const std::string text =
      "cannot " + what + " the journal: " + (database ? sqlite3_errmsg(database) : "out of memory");
  if (database && without_room(database)) {
    throw JournalFull(text + ": its file system has no room");
  }
  throw JournalError(text);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, const char* sql) : database_(database) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &raw, nullptr) != SQLITE_OK) {
    fail_journal(database, "query");
  }
  statement_.reset(raw);
}

Statement& Statement::bind(const std::string& value) {
  // The trailing pointer is SQLITE_TRANSIENT: SQLite keeps a copy.
  check(sqlite3_bind_text64(statement_.get(), ++bound_, value.data(), value.size(),
                            SQLITE_TRANSIENT,  // NOLINT: the macro is a C cast
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), ++bound_, value));
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) {
    fail_journal(database_, "write");
  }
  return result == SQLITE_ROW;
}

std::string Statement::text(int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

std::int64_t Statement::number(int column) {
  return sqlite3_column_int64(statement_.get(), column);
}

void Statement::check(int result) {
  if (result != SQLITE_OK) {
    fail_journal(database_, "write");
  }
}

}  // namespace controller
