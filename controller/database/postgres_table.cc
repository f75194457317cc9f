#include "controller/database/postgres_table.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "controller/archive/artifact.h"
#include "controller/database/copy_rows.h"
#include "controller/database/copy_statement.h"
#include "controller/database/dump_reader.h"
#include "controller/database/foreign_keys.h"
#include "controller/database/postgres_inventory.h"
#include "controller/database/sql_text.h"
#include "dockerapi/error.h"

namespace controller {

namespace {

constexpr unsigned kThreads = 2;
constexpr std::string_view kLockTimeout = "30s";
constexpr std::string_view kLockNotAvailable = "55P03";
constexpr std::string_view kDeadlock = "40P01";

/// Names that one has and the other lacks, "a, b".
std::string missing_from(const std::set<std::string>& names, const std::set<std::string>& other) {
  std::string text;
  for (const auto& name : names) {
    if (!other.contains(name)) {
      text += (text.empty() ? "" : ", ") + name;
    }
  }
  return text;
}

/// Whether a COMMIT that failed so was answered: a session that is ended may have committed before.
bool is_answer(std::string_view sqlstate) {
  constexpr std::string_view kConnection = "08";
  constexpr std::string_view kServerEnds = "57P";
  return !sqlstate.empty() && !sqlstate.starts_with(kConnection) &&
         !sqlstate.starts_with(kServerEnds);
}

/// One table while its rows are replaced: all of it in one transaction of `connection`.
class TableRestore {
 public:
  TableRestore(PostgresServer& server, const DatabaseRecord& record, const TableRecord& table,
               std::stop_token stop)
      : server_(server),
        record_(record),
        table_(table),
        stop_(std::move(stop)),
        shown_(table.schema + "." + table.name),
        connection_(server.connect(record.name)) {}

  RestoredTable run(const std::filesystem::path& file) {
    const auto contents = validated_contents(record_, file);
    const auto& dumped = find_in(contents);
    look_at_live_table();
    compare_columns(dumped);
    connection_->query("BEGIN; SET LOCAL lock_timeout = '" + std::string(kLockTimeout) + "'");
    RestoredTable done{table_.schema, table_.name, 0, table_.rows};
    lock();
    refuse_what_would_act();
    done.rows_before = std::stoull(
        connection_->value("SELECT count(*) FROM ONLY " + live_.sql + " " + live_.table.condition));
    replace(file, dumped);
    check_foreign_keys();
    for (const auto& sequence : contents.sequences) {
      advance(sequence);
    }
    commit();
    analyze();
    return done;
  }

 private:
  struct Live {
    PostgresTable table;
    std::string sql;  // its name
    std::vector<ForeignKey> keys;
  };

  [[noreturn]] void refuse(const std::string& why) const {
    throw DatabaseRefusal("table " + shown_ + " of database " + record_.name +
                          " cannot be restored: " + why + "; nothing was changed");
  }

  const DumpedTable& find_in(const DumpContents& contents) const {
    for (const auto& dumped : contents.tables) {
      if (dumped.schema == table_.schema && dumped.name == table_.name) {
        return dumped;
      }
    }
    refuse("its rows are not in the dump");
  }

  void look_at_live_table() {
    for (const auto& table : postgres_tables(*connection_)) {
      if (table.schema == table_.schema && table.name == table_.name) {
        live_.table = table;
      }
    }
    if (live_.table.oid.empty()) {
      refuse("the live database has no such table");
    }
    if (live_.table.partitioned) {
      refuse("it is partitioned now");
    }
    live_.sql = quoted_name(table_.schema) + "." + quoted_name(table_.name);
    // The rows lie in chunks, which belong to a catalogue of their own.
    if (!connection_
             ->query("SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                     " WHERE n.nspname ~ '^_timescaledb_' AND (c.oid = " +
                     live_.table.oid +
                     " OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = " +
                     live_.table.oid + "))")
             .empty()) {
      refuse("it belongs to TimescaleDB; restore the whole database");
    }
    live_.keys = foreign_keys(*connection_, live_.table.oid);
    const bool guarded =
        !connection_
             ->query("SELECT 1 FROM pg_trigger WHERE tgenabled <> 'D' AND tgrelid = " +
                     live_.table.oid)
             .empty();
    if (guarded && !server_.superuser()) {
      refuse("it has triggers or foreign keys, which only a superuser may suspend");
    }
  }

  void compare_columns(const DumpedTable& dumped) {
    const auto names = column_names(parse_copy_statement(dumped.copy_statement));
    const std::set<std::string> recorded(names.begin(), names.end());
    std::set<std::string> live;
    for (const auto& row :
         connection_->query("SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
                            " AND attgenerated = '' AND attrelid = " +
                            live_.table.oid)) {
      live.insert(row.at(0).value_or(""));
    }
    if (recorded != live) {
      const auto gone = missing_from(recorded, live);
      const auto added = missing_from(live, recorded);
      refuse("its columns are others" + (gone.empty() ? "" : "; only in the dump: " + gone) +
             (added.empty() ? "" : "; only in the live table: " + added));
    }
  }

  /// Its rows may be read meanwhile; those that they refer to, or that refer to them, must stay.
  void lock() {
    std::string locks = "LOCK TABLE ONLY " + live_.sql + " IN EXCLUSIVE MODE";
    for (const auto& key : live_.keys) {
      locks += "; LOCK TABLE " + (key.outgoing ? key.referenced : key.table) + " IN SHARE MODE";
    }
    try {
      connection_->query(locks);
    } catch (const SqlError& error) {
      if (error.sqlstate() == kLockNotAvailable) {
        refuse(
            "another transaction writes it, or a table that it is linked with, for longer than " +
            std::string(kLockTimeout) + "; end that one, or try again later");
      }
      if (error.sqlstate() == kDeadlock) {
        refuse(
            "another transaction writes a table that it is linked with, and waits for this one"
            " (a deadlock); try again");
      }
      throw;
    }
    if (server_.superuser()) {
      // Triggers must not act upon a restore, nor foreign keys delete what refers to a row.
      connection_->query("SET LOCAL session_replication_role = replica");
    }
  }

  /// What acts although we are a replica.  Nobody can change it once the table is locked.
  void refuse_what_would_act() {
    const auto one_of = [this](std::string_view what) {
      return connection_->value(std::string(what) + live_.table.oid + " ORDER BY 1 LIMIT 1");
    };
    const auto trigger = one_of(
        "SELECT quote_ident(tgname) FROM pg_trigger WHERE tgenabled IN ('A', 'R') AND tgrelid = ");
    if (!trigger.empty()) {
      refuse("its trigger " + trigger +
             " is ENABLE ALWAYS or REPLICA and would act upon it; disable it, or restore the whole"
             " database");
    }
    // COPY heeds no rules.
    const auto rule =
        one_of(std::string("SELECT quote_ident(rulename) FROM pg_rewrite WHERE ev_type = '4'"
                           " AND ev_enabled IN ('A', '") +
               (server_.superuser() ? 'R' : 'O') + "') AND ev_class = ");
    if (!rule.empty()) {
      refuse("its rule " + rule +
             " ON DELETE would act upon it; disable it, or restore the whole database");
    }
  }

  void replace(const std::filesystem::path& file, const DumpedTable& dumped) {
    const auto statement = parse_copy_statement(dumped.copy_statement);
    connection_->query("DELETE FROM ONLY " + live_.sql + " " + live_.table.condition);
    connection_->begin_copy("COPY " + live_.sql + " " + statement.columns + " FROM STDIN");
    CopyRows rows([this](std::string_view bytes) { connection_->copy(bytes); });
    DumpStream stream(dump_format(record_));
    stream.watch([&](const DumpedTable& table, std::string_view bytes) {
      if (table.schema == table_.schema && table.name == table_.name) {
        rows.feed(bytes);
      }
    });
    ArtifactSource source(file, kThreads);
    for (auto bytes = source.read(); !bytes.empty() && !rows.ended(); bytes = source.read()) {
      if (stop_.stop_requested()) {
        throw dockerapi::Cancelled("cancelled; table " + shown_ + " is as it was");
      }
      stream.feed(bytes);
    }
    connection_->end_copy();
    const auto now = connection_->checksum(copy_out_statement(statement, live_.table.condition));
    if (now != dumped.totals) {
      refuse("its restored rows are not what the dump has; a column's type may be another");
    }
  }

  void check_foreign_keys() {
    for (const auto& key : live_.keys) {
      const auto dangling = connection_->value(key.dangling);
      if (dangling != "0") {
        refuse((key.outgoing ? dangling + " of its rows would refer to nothing in "
                             : dangling + " rows of " + key.table + " would refer to nothing in ") +
               key.referenced + " (foreign key " + key.name + ")");
      }
    }
  }

  /// Never back: other tables may know numbers that were given since.
  void advance(const SequenceValue& sequence) {
    connection_->query(
        "SELECT setval(s.oid::regclass, v.value, v.called) FROM pg_class s"
        " JOIN pg_namespace n ON n.oid = s.relnamespace JOIN pg_sequence q ON q.seqrelid = s.oid"
        " JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid"
        "  AND d.deptype IN ('a', 'i') AND d.refobjid = " +
        live_.table.oid + ", LATERAL (SELECT " + std::to_string(sequence.value) +
        "::bigint AS value, " + (sequence.called ? "true" : "false") +
        " AS called) v WHERE format('%I.%I', n.nspname, s.relname) = " +
        quoted_text(sequence.name) +
        " AND v.value * sign(q.seqincrement) > coalesce(pg_sequence_last_value(s.oid) *"
        " sign(q.seqincrement), '-Infinity'::float8)");
  }

  void commit() {
    try {
      connection_->query("COMMIT");
    } catch (const SqlError& error) {
      if (is_answer(error.sqlstate())) {
        throw;
      }
      throw unknown(error);
    } catch (const std::exception& error) {
      throw unknown(error);
    }
  }

  [[nodiscard]] DatabaseError unknown(const std::exception& error) const {
    return DatabaseError("it is unknown whether the rows of table " + shown_ + " of database " +
                         record_.name +
                         " were replaced, all of them or none: the answer to COMMIT was lost (" +
                         error.what() + "); look at the table");
  }

  void analyze() {
    try {
      connection_->query("ANALYZE " + live_.sql);
    } catch (const std::exception&) {
      // The rows are in; autovacuum makes statistics too.
    }
  }

  PostgresServer& server_;
  const DatabaseRecord& record_;
  const TableRecord& table_;
  std::stop_token stop_;
  std::string shown_;
  std::unique_ptr<SqlConnection> connection_;
  Live live_;
};

}  // namespace

RestoredTable restore_postgres_table(PostgresServer& server, const DatabaseRecord& record,
                                     const std::filesystem::path& snapshot_directory,
                                     const std::string& table, const std::stop_token& stop) {
  for (const auto& one : record.tables) {
    if (one.schema + "." + one.name == table) {
      return TableRestore(server, record, one, stop).run(snapshot_directory / record.artifact.path);
    }
  }
  throw DatabaseRefusal("the snapshot's database " + record.name + " has no table " + table +
                        " with rows of its own");
}

}  // namespace controller
