// Freezing and dumping, against a real server.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <stop_token>
#include <thread>

#include "controller/archive/artifact.h"
#include "controller/archive/volume_archive.h"
#include "controller/database/dump_reader.h"
#include "dockerapi/error.h"
#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kThousandRows =
    "CREATE TABLE t (id int PRIMARY KEY, v text);"
    "INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, 1000) n";

void no_progress(std::uint64_t /*raw*/, std::uint64_t /*stored*/) {}

class PostgresDumpTest : public PostgresTest {
 protected:
  /// Everything below the snapshot's directory that is a file.
  std::size_t files() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_)) {
      count += entry.is_regular_file() ? 1U : 0U;
    }
    return count;
  }

  /// Waits until `query` yields `expected`; false after ten seconds.
  bool becomes(const std::string& query, const std::string& expected) {
    auto connection = server_.connect("template1");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (connection.value(query) != expected) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::yield();
    }
    return true;
  }
};

TEST_F(PostgresDumpTest, DumpsWhatTheSnapshotShowsAndNothingLater) {
  create("app", kThousandRows);

  const auto lease = session().freeze("app", {});
  sql("app", "INSERT INTO t SELECT n, 'late' FROM generate_series(1001, 2000) n");
  sql("app", "CREATE TABLE later (id int); INSERT INTO later VALUES (1)");
  const auto record = lease->dump(request(), no_progress, {});

  ASSERT_EQ(record.tables.size(), 1U);
  EXPECT_EQ(record.tables[0].name, "t");
  EXPECT_EQ(record.tables[0].rows, 1000U);
  EXPECT_EQ(record.tables[0].checksum.size(), 16U);
  EXPECT_EQ(record.artifact.path, "databases/db/app.dump.zst");
  EXPECT_EQ(std::filesystem::file_size(directory_ / record.artifact.path), record.artifact.bytes);
  EXPECT_TRUE(read_dump(record, directory_ / record.artifact.path).empty());
}

TEST_F(PostgresDumpTest, RecordsWhatTheDatabaseIs) {
  create("app",
         "CREATE ROLE reader; CREATE TABLE t (id int); GRANT SELECT ON t TO reader;"
         "CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; SELECT lo_create(0)");

  const auto record = dump("app");

  EXPECT_EQ(record.engine, "postgres");
  EXPECT_EQ(record.service, "db");
  EXPECT_EQ(record.server_version_number / 10000, std::stoi(record.server_version));
  EXPECT_EQ(record.encoding, "UTF8");
  EXPECT_EQ(record.collation, "C.UTF-8");
  EXPECT_EQ(record.locale_provider, "libc");
  EXPECT_EQ(record.owner, "boss");
  EXPECT_EQ(record.format, "custom");
  EXPECT_EQ(record.large_objects, 1U);
  EXPECT_EQ(record.schema_sha256.size(), 64U);
  EXPECT_EQ(record.roles, (std::vector<std::string>{"boss", "reader"}));
  EXPECT_GT(record.size_bytes, 1'000'000U);
  EXPECT_THAT(record.dump_tool_version, testing::StartsWith("1"));
  const auto hstore = std::find_if(record.extensions.begin(), record.extensions.end(),
                                   [](const auto& one) { return one.name == "hstore"; });
  ASSERT_NE(hstore, record.extensions.end());
  EXPECT_EQ(hstore->schema, "ext");
}

// TRUNCATE is not undone by a snapshot: without the locks the dump would be empty.
TEST_F(PostgresDumpTest, KeepsATruncateWaiting) {
  create("app", kThousandRows);
  const auto lease = session().freeze("app", {});

  auto other = server_.connect("app");
  other.value("SET lock_timeout = '100ms'");
  EXPECT_THROW(other.value("TRUNCATE t"), std::runtime_error);
  other.value("INSERT INTO t VALUES (5000, 'writers go on')");

  EXPECT_EQ(lease->dump(request(), no_progress, {}).tables.at(0).rows, 1000U);
  lease->release();
  other.value("TRUNCATE t");
}

TEST_F(PostgresDumpTest, StartsOverWhenATableAppearsBeforeItsLocks) {
  create("app", kThousandRows);
  auto migration = server_.connect("app");
  migration.value("BEGIN; LOCK TABLE t; CREATE TABLE added AS SELECT 1 AS one");

  std::unique_ptr<DatabaseLease> lease;
  session();
  std::thread freezing([&] { lease = session().freeze("app", {}); });
  EXPECT_TRUE(becomes("SELECT count(*) FROM pg_locks WHERE NOT granted", "1"));
  migration.value("COMMIT");
  freezing.join();

  EXPECT_EQ(lease->dump(request(), no_progress, {}).tables.size(), 2U);
}

TEST_F(PostgresDumpTest, IsGivenUpWhileItWaitsForLocks) {
  create("app", kThousandRows);
  auto migration = server_.connect("app");
  migration.value("BEGIN; LOCK TABLE t");

  std::stop_source stop;
  session();
  std::thread freezing(
      [&] { EXPECT_THROW(session().freeze("app", stop.get_token()), Interrupted); });
  EXPECT_TRUE(becomes("SELECT count(*) FROM pg_locks WHERE NOT granted", "1"));
  stop.request_stop();
  freezing.join();

  EXPECT_EQ(migration.value("SELECT count(*) FROM t"), "1000");
}

TEST_F(PostgresDumpTest, FailsIfItsSnapshotDies) {
  create("app", kThousandRows);
  const auto lease = session().freeze("app", {});
  sql("template1", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'app'");
  ASSERT_TRUE(becomes("SELECT count(*) FROM pg_stat_activity WHERE datname = 'app'", "0"));

  EXPECT_THROW(lease->dump(request(), no_progress, {}), DatabaseError);
  EXPECT_EQ(files(), 0U);
}

TEST_F(PostgresDumpTest, FailsOnceItsLeaseWasReleased) {
  create("app", kThousandRows);
  const auto lease = session().freeze("app", {});
  lease->release();
  EXPECT_THROW(lease->dump(request(), no_progress, {}), DatabaseError);
}

TEST_F(PostgresDumpTest, EndsTheDumpWhenAskedToStop) {
  create("app", "CREATE TABLE t AS SELECT n, repeat('x', 1000) FROM generate_series(1, 60000) n");
  const auto lease = session().freeze("app", {});
  std::stop_source stop;

  EXPECT_THROW(
      lease->dump(
          request(), [&](std::uint64_t, std::uint64_t) { stop.request_stop(); }, stop.get_token()),
      dockerapi::Cancelled);

  EXPECT_EQ(files(), 0U);
  EXPECT_TRUE(becomes(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'cofferdam-dump-%'", "0"));
}

TEST_F(PostgresDumpTest, NeverTakesAnErrorTextForADump) {
  create("app", kThousandRows);
  docker_.replace("pg_dump", [](fakes::Process& process) {
    process.write_stdout("OCI runtime exec failed: pg_dump not found\r\n");
    return 127;
  });
  try {
    dump("app");
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_THAT(error.what(), HasSubstr("127"));
    EXPECT_THAT(error.what(), HasSubstr("OCI runtime exec failed"));
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(PostgresDumpTest, BelievesNoExitCodeAlone) {
  create("app", kThousandRows);
  for (const std::size_t kept : {0U, 100U, 3000U}) {
    docker_.replace("pg_dump", [kept](fakes::Process& process) {
      std::string all;
      run_child_of(process, all);
      process.write_stdout(std::string_view(all).substr(0, kept));
      return 0;
    });
    EXPECT_THROW(dump("app"), DatabaseError) << kept;
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(PostgresDumpTest, ComparesTheStreamWithTheSnapshotsCounts) {
  create("app", kThousandRows);
  create("other", "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'x')");
  const auto other = dump("other");
  docker_.replace("pg_dump", [&](fakes::Process& process) {
    ArtifactSource source(directory_ / other.artifact.path, 1);
    for (auto bytes = source.read(); !bytes.empty(); bytes = source.read()) {
      process.write_stdout(bytes);
    }
    return 0;
  });
  try {
    dump("app");
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_THAT(error.what(), HasSubstr("table public.t has 1 rows instead of 1000"));
  }
}

TEST_F(PostgresDumpTest, KeepsThePasswordOutOfErrorsAndArguments) {
  create("app", kThousandRows);
  dump("app");
  for (const auto& word : docker_.seen()) {
    EXPECT_THAT(word, Not(HasSubstr("open-sesame")));
  }
  std::filesystem::remove_all(directory_ / "databases");
  docker_.replace("pg_dump", [](fakes::Process& process) {
    process.write_stderr("could not connect with open-sesame\n");
    return 1;
  });
  try {
    dump("app");
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_THAT(error.what(), HasSubstr("could not connect with ***"));
  }
}

TEST_F(PostgresDumpTest, ReadsThePasswordFromTheFileThatTheContainerHas) {
  create("app", kThousandRows);
  sql("app", "CREATE ROLE keeper LOGIN SUPERUSER PASSWORD 'from a file'");
  const auto secret = std::filesystem::temp_directory_path() / "cofferdam-test-secret";
  std::ofstream(secret) << "from a file\n";
  docker_.set_environment("POSTGRES_USER", "keeper");
  docker_.set_environment("POSTGRES_PASSWORD", "");
  docker_.set_environment("POSTGRES_PASSWORD_FILE", secret.string());

  EXPECT_EQ(dump("app").tables.at(0).rows, 1000U);
  std::filesystem::remove(secret);
}

TEST_F(PostgresDumpTest, SaysWhyItCannotLogIn) {
  sql("template1", "CREATE ROLE keeper LOGIN PASSWORD 'right'");
  docker_.set_environment("POSTGRES_USER", "keeper");
  docker_.set_environment("POSTGRES_PASSWORD", "wrong-one");
  try {
    connect();
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_THAT(error.what(), HasSubstr("password authentication failed"));
    EXPECT_THAT(error.what(), HasSubstr("stack-db-1"));
    EXPECT_THAT(error.what(), Not(HasSubstr("wrong-one")));
  }
}

TEST_F(PostgresDumpTest, DumpsAsAnOrdinaryOwner) {
  sql("template1",
      "CREATE ROLE keeper LOGIN PASSWORD 'right'; GRANT CREATE ON SCHEMA public TO PUBLIC");
  create("app",
         "ALTER SCHEMA public OWNER TO keeper; SET ROLE keeper;" + std::string(kThousandRows));
  docker_.set_environment("POSTGRES_USER", "keeper");
  docker_.set_environment("POSTGRES_PASSWORD", "right");

  EXPECT_EQ(dump("app").tables.at(0).rows, 1000U);
  EXPECT_TRUE(session().server(request()).globals.has_value());
  sql("template1", "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
}

TEST_F(PostgresDumpTest, ManagesStrangeNames) {
  const std::string name = "we\"ird 'na=me'/\\\n\xC3\xA9";
  create(name, R"(CREATE SCHEMA "a b""c"; CREATE TABLE "a b""c"."x.y (z) FROM stdin;"
                  ("col ""1""" int, "b,c" text); INSERT INTO "a b""c"."x.y (z) FROM stdin;"
                  VALUES (1, E'tab\tnewline\nbackslash\\'), (2, NULL), (3, '\.'))");

  for (const auto format : {DumpFormat::Custom, DumpFormat::Plain}) {
    const auto record = dump(name, format);
    ASSERT_EQ(record.tables.size(), 1U);
    EXPECT_EQ(record.tables[0].schema, "a b\"c");
    EXPECT_EQ(record.tables[0].name, "x.y (z) FROM stdin;");
    EXPECT_EQ(record.tables[0].rows, 3U);
    EXPECT_EQ(std::filesystem::path(record.artifact.path).parent_path(), "databases/db");
  }
}

TEST_F(PostgresDumpTest, CountsBothFormatsAlike) {
  create("app",
         "CREATE TABLE t (id int, v text, b bytea, at timestamptz);"
         "INSERT INTO t SELECT n, E'x\\ty\\n' || n, decode('00ff5c', 'hex'), now()"
         " FROM generate_series(1, 500) n;"
         "CREATE TABLE empty (id int); CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES;"
         "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '\nCOPY t FROM stdin;\n' $$");
  const auto custom = dump("app", DumpFormat::Custom);
  const auto plain = dump("app", DumpFormat::Plain);

  EXPECT_EQ(custom.tables, plain.tables);
  EXPECT_EQ(plain.artifact.path, "databases/db/app.sql.zst");
  EXPECT_TRUE(read_dump(plain, directory_ / plain.artifact.path).empty());
}

TEST_F(PostgresDumpTest, HashesTheSchemaAlikeUntilItChanges) {
  create("app", kThousandRows);
  for (const auto format : {DumpFormat::Custom, DumpFormat::Plain}) {
    std::filesystem::remove_all(directory_ / "databases");
    const auto first = dump("app", format);
    std::filesystem::remove_all(directory_ / "databases");
    sql("app", "INSERT INTO t SELECT max(id) + 1, 'more' FROM t");
    EXPECT_EQ(dump("app", format).schema_sha256, first.schema_sha256);
    std::filesystem::remove_all(directory_ / "databases");
    sql("app", "ALTER TABLE t ADD COLUMN \"c" + first.format + "\" int");
    EXPECT_NE(dump("app", format).schema_sha256, first.schema_sha256);
  }
}

// The text of a timestamp depends on the time zone, and the checksum on the text.
TEST_F(PostgresDumpTest, IsNotChangedByTimeZones) {
  create("app",
         "CREATE TABLE t AS SELECT '2026-01-01 12:00+00'::timestamptz AS at, 1.1::float8 AS f");
  const auto first = dump("app");
  std::filesystem::remove_all(directory_ / "databases");
  sql("app",
      "ALTER DATABASE app SET timezone = 'Europe/Berlin';"
      "ALTER DATABASE app SET datestyle = 'German'; ALTER ROLE boss SET extra_float_digits = -3");
  docker_.set_environment("PGTZ", "Asia/Tokyo");
  session_.reset();

  EXPECT_EQ(dump("app").tables, first.tables);
  sql("app", "ALTER ROLE boss RESET ALL");
}

TEST_F(PostgresDumpTest, DumpsOtherEncodings) {
  sql("template1", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  sql("template1", "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
  sql("latin", "CREATE TABLE \"t\xC3\xA9\" AS SELECT 'caf\xC3\xA9'::text AS v");
  sql("bytes", "CREATE TABLE t (v text); INSERT INTO t VALUES (E'\\xe9\\xff')");

  EXPECT_EQ(dump("latin").tables.at(0).name, "t\xC3\xA9");
  EXPECT_EQ(dump("bytes").tables.at(0).rows, 1U);
}

TEST_F(PostgresDumpTest, CopesWithThousandsOfTables) {
  create("app",
         "DO $$ BEGIN FOR n IN 1..3000 LOOP"
         " EXECUTE format('CREATE TABLE t%s AS SELECT %s AS n', n, n); END LOOP; END $$");
  const auto record = dump("app");
  EXPECT_EQ(record.tables.size(), 3000U);
  for (const auto& table : record.tables) {
    EXPECT_EQ(table.rows, 1U);
  }
}

TEST_F(PostgresDumpTest, TellsWhoWaitsForItsLocks) {
  create("app", kThousandRows);
  const auto lease = session().freeze("app", {});
  auto migration = server_.connect("app");
  migration.begin("ALTER TABLE t ADD COLUMN more int");
  ASSERT_TRUE(becomes("SELECT count(*) FROM pg_locks WHERE NOT granted", "1"));

  const auto waiters = lease->waiters();

  ASSERT_EQ(waiters.size(), 1U);
  EXPECT_EQ(waiters[0].query, "ALTER TABLE t ADD COLUMN more int");
  lease->release();
  EXPECT_EQ(migration.finish(), "");
}

TEST_F(PostgresDumpTest, ReleasesEverythingWhenTheSessionIsGone) {
  create("app", kThousandRows);
  {
    const auto own = connect();
    const auto lease = own->freeze("app", {});
    ASSERT_TRUE(becomes("SELECT count(*) FROM pg_stat_activity WHERE datname = 'app'", "1"));
  }
  EXPECT_TRUE(becomes("SELECT count(*) FROM pg_stat_activity WHERE datname = 'app'", "0"));
}

TEST_F(PostgresDumpTest, ListsDatabasesThatHoldSomething) {
  create("app", kThousandRows);
  create("empty", "SELECT 1");
  sql("template1", "CREATE DATABASE tpl IS_TEMPLATE true");
  sql("template1", "CREATE DATABASE staged TEMPLATE template0");
  sql("template1", "ALTER DATABASE staged SET cofferdam.swap = 'j:staged:app'");
  const auto listed = [&] {
    std::string all;
    for (const auto& one : session().databases()) {
      EXPECT_GT(one.size_bytes, 0U);
      all += one.name + " ";
    }
    return all;
  };
  EXPECT_EQ(listed(), "app empty ");
  sql("postgres", "CREATE TABLE used (id int)");
  EXPECT_EQ(listed(), "app empty postgres ");
  sql("template1", "ALTER DATABASE tpl IS_TEMPLATE false");
}

TEST_F(PostgresDumpTest, RecordsRolesWithoutTheirPasswords) {
  create("app", kThousandRows);
  sql("template1", "CREATE ROLE shop LOGIN PASSWORD 'topsecret' CONNECTION LIMIT 7");
  const auto record = session().server(request());

  EXPECT_THAT(record.roles, HasSubstr("\"shop\""));
  EXPECT_THAT(record.roles, Not(HasSubstr("SCRAM")));
  ASSERT_TRUE(record.globals);
  ArtifactSource source(directory_ / record.globals->path, 1);
  std::string text;
  for (auto bytes = source.read(); !bytes.empty(); bytes = source.read()) {
    text.append(bytes);
  }
  EXPECT_THAT(text, HasSubstr("CREATE ROLE shop"));
  EXPECT_EQ(source.finish().sha256, record.globals->sha256);
}

TEST_F(PostgresDumpTest, WarnsOfDataThatGoesWithTheContainer) {
  create("app", kThousandRows);
  const auto record = dump("app");
  ASSERT_EQ(record.warnings.size(), 1U);
  EXPECT_THAT(record.warnings[0], HasSubstr(LocalPostgres::shared().data_directory()));
}

TEST_F(PostgresDumpTest, FindsDamageInAStoredDump) {
  create("app", kThousandRows);
  auto request_without = request();
  request_without.compression = {Compression::Method::None, 0};
  const auto record = session().freeze("app", {})->dump(request_without, no_progress, {});
  const auto path = directory_ / record.artifact.path;
  ASSERT_TRUE(read_dump(record, path).empty());

  // A digit within a row: the format itself has no checksum.
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  const std::string all = content.str();
  file.seekp(static_cast<std::streamoff>(all.find("row 500")));
  file.write("row 599", 7);
  file.close();
  EXPECT_EQ(read_dump(record, path).size(), 1U);

  std::filesystem::resize_file(path, all.size() - 100);
  EXPECT_EQ(read_dump(record, path).size(), 1U);
  std::filesystem::remove(path);
  EXPECT_EQ(read_dump(record, path).size(), 1U);
}

}  // namespace
}  // namespace controller
