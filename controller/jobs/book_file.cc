#include "controller/jobs/book_file.h"

#include <sqlite3.h>

#include "controller/outage/journal.h"

namespace controller {

namespace {

constexpr int kPatience = 2000;  // for another process's write; in milliseconds

}  // namespace

void CloseBook::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

BookFile open_book_file(const std::filesystem::path& file, const char* tables) {
  std::filesystem::create_directory(file.parent_path());
  sqlite3* raw = nullptr;
  const int result =
      sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  BookFile database(raw);
  if (result != SQLITE_OK) {
    throw JournalError("cannot open " + file.string() + ": " +
                       (raw ? sqlite3_errmsg(raw) : "out of memory"));
  }
  sqlite3_busy_timeout(raw, kPatience);
  // WAL needs shared memory, which some network file systems lack: SQLite then keeps its old
  // mode.
  sqlite3_exec(raw, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
  if (sqlite3_exec(raw, "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON", nullptr, nullptr,
                   nullptr) != SQLITE_OK ||
      sqlite3_exec(raw, tables, nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw JournalError("cannot use " + file.string() + ": " + sqlite3_errmsg(raw));
  }
  return database;
}

}  // namespace controller
