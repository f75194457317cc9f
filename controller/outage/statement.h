// One SQL statement of the journal's file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace controller {

/// Throws JournalError with what SQLite says, JournalFull if there was no room.
[[noreturn]] void fail_journal(sqlite3* database, const std::string& what);

/// A prepared statement with its values; columns are read by position.  Throws JournalError.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql);

  Statement& bind(const std::string& value);
  Statement& bind(std::int64_t value);

  /// True while there is a row.
  bool step();

  std::string text(int column);
  std::int64_t number(int column);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  void check(int result);

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

}  // namespace controller
