// A SQLite file of records that nothing depends on: not synced at each write.
#pragma once

#include <filesystem>
#include <memory>

struct sqlite3;

namespace controller {

struct CloseBook {
  void operator()(sqlite3* database) const;
};
using BookFile = std::unique_ptr<sqlite3, CloseBook>;

/// Creates the file and its folder if missing, but not the store that this is in, and the tables by
/// `tables`, SQL that does nothing if they are there.  Throws JournalError, std::system_error.
BookFile open_book_file(const std::filesystem::path& file, const char* tables);

}  // namespace controller
