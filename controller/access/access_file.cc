#include "controller/access/access_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace controller {

namespace {

constexpr const char* kTables = R"(
  CREATE TABLE IF NOT EXISTS users(name TEXT PRIMARY KEY, hash TEXT NOT NULL, changed_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS tokens(id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, used_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS sessions(id TEXT PRIMARY KEY, user TEXT NOT NULL, digest TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL, created_at INTEGER NOT NULL, used_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS audit(number INTEGER PRIMARY KEY, line TEXT NOT NULL);
)";

/// Nobody else reads it, nor the files that SQLite puts beside it.
void keep_private(const std::filesystem::path& file) {
  if (::chmod(file.c_str(), S_IRUSR | S_IWUSR) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot protect " + file.string());
  }
}

}  // namespace

AccessFile::AccessFile(const std::filesystem::path& file)
    : database_(translated([&] {
        auto opened = open_book_file(file, kTables);
        keep_private(file);
        return opened;
      })) {}

}  // namespace controller
