// A dump in plain SQL, checked while it streams by.
//
// Nothing in it vouches for its completeness but its last lines; a cut one would restore without an
// error.  So: rows are counted and hashed between "COPY … FROM stdin;" and "\.", and pg_dump's
// closing comment must have come.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "controller/database/copy_checksum.h"
#include "controller/database/dump_contents.h"
#include "controller/database/schema_digest.h"

namespace controller {

class PlainDumpReader {
 public:
  /// Before the first bytes.
  void watch(RowWatcher watcher) { watcher_ = std::move(watcher); }

  /// Takes the next bytes, any number of them.  Throws IntegrityError at what cannot be.
  void feed(std::string_view bytes);

  /// The end of the dump.  Throws IntegrityError if it is not complete.
  DumpContents finish();

 private:
  void take_line(std::string_view line);
  void begin_table();

  std::string line_;       // unfinished
  std::string statement_;  // a COPY statement that goes on on the next line
  bool rows_announced_ = false;
  bool in_rows_ = false;
  bool complete_ = false;
  CopyChecksum rows_;
  RowWatcher watcher_;
  std::string section_;  // definitions between two comments of pg_dump
  SchemaDigest schema_;
  DumpContents contents_;
};

}  // namespace controller
