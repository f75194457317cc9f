// A SQLite file of records that nothing depends on: not synced at each write.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "controller/outage/journal.h"

struct sqlite3;

namespace controller {

struct CloseBook {
  void operator()(sqlite3* database) const;
};
using BookFile = std::unique_ptr<sqlite3, CloseBook>;

/// Creates the file and its folder if missing, but not the store that this is in, and the tables by
/// `tables`, SQL that does nothing if they are there.  Throws JournalError, std::system_error.
BookFile open_book_file(const std::filesystem::path& file, const char* tables);

/// What `work` returns; all that goes wrong with the file becomes an Error: "the outbox: …".
template <typename Error, typename Work>
auto with_errors_of(const char* book, Work work) {
  try {
    return work();
  } catch (const JournalError& error) {
    throw Error(std::string(book) + ": " + error.what());
  } catch (const std::system_error& error) {
    throw Error(std::string(book) + ": " + error.what());
  }
}

}  // namespace controller
