// What stands against a restore, one by one, against real servers; none of it touches anything.
#include <gmock/gmock.h>

#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kTable = "CREATE TABLE t (id int PRIMARY KEY, v text)";

class PostgresObjectionsTest : public PostgresVersionTest {
 protected:
  std::vector<std::string> objections(const DatabaseRecord& record) {
    const auto before = state();
    auto texts = session().objections(record, server_record_);
    EXPECT_EQ(state(), before) << "nothing is to be touched";
    return texts;
  }

  Rows state() {
    return server_.connect("template1")
        .rows(
            "SELECT datname::text FROM pg_database UNION ALL SELECT rolname FROM pg_roles"
            " UNION ALL SELECT setconfig::text FROM pg_db_role_setting ORDER BY 1");
  }

  /// From now on we are an ordinary user with the rights named.
  void become(const std::string& rights) {
    sql("template1", "CREATE ROLE weak LOGIN PASSWORD 'weakling' " + rights);
    docker_.set_environment("POSTGRES_USER", "weak");
    docker_.set_environment("POSTGRES_PASSWORD", "weakling");
    session_.reset();
  }

  DatabaseRecord dump_of(const std::string& statements) {
    create("app", statements);
    auto record = dump("app");
    server_record_ = session().server(request());
    return record;
  }
};

TEST_P(PostgresObjectionsTest, AreNoneToWhatTheServerHasItself) {
  auto record = dump_of(std::string(kTable) + "; CREATE EXTENSION hstore");
  EXPECT_THAT(objections(record), IsEmpty());
  EXPECT_THAT(session().cautions(record), IsEmpty());
}

TEST_P(PostgresObjectionsTest, NameANewerServersDump) {
  auto record = dump_of(kTable);
  record.server_version_number = 990000;
  record.server_version = "99.0";
  EXPECT_THAT(objections(record), ElementsAre(AllOf(HasSubstr("database app: "),
                                                    HasSubstr("99.0, newer than the server's 1"))));
}

TEST_P(PostgresObjectionsTest, NameExtensionsThatAreMissingOrTooOld) {
  auto record = dump_of(kTable);
  record.extensions.push_back({"no_such_extension", "1.0", "public"});
  record.extensions.push_back({"hstore", "99.1", "public"});
  record.extensions.push_back({"timescaledb", "2.17.2", "public"});
  EXPECT_THAT(objections(record),
              ElementsAre(HasSubstr("no_such_extension 1.0 is not installed"),
                          AllOf(HasSubstr("hstore is on the server in version 1."),
                                HasSubstr("older than the dump's 99.1")),
                          HasSubstr("TimescaleDB 2.17.2, which is not installed")));
  EXPECT_THROW(session().stage(record, server_record_, directory_, "job1"), DatabaseRefusal);
  EXPECT_EQ(names(), "app");
}

TEST_P(PostgresObjectionsTest, AreNoneToNewerExtensionsAndServersButCautionsAre) {
  auto record = dump_of(kTable);
  record.server_version_number = 100000;
  record.server_version = "10.23";
  record.extensions.push_back({"hstore", "0.1", "public"});
  EXPECT_THAT(objections(record), IsEmpty());
  EXPECT_THAT(session().cautions(record),
              ElementsAre(HasSubstr("PostgreSQL 10.23, older than the server's"),
                          AllOf(HasSubstr("hstore comes back in version 1."),
                                HasSubstr("instead of 0.1"))));
}

TEST_P(PostgresObjectionsTest, NameLocalesAndEncodingsThatAreMissing) {
  const auto good = dump_of(kTable);
  auto record = good;
  record.collation = "xx_YY.utf8";
  EXPECT_THAT(objections(record), ElementsAre(HasSubstr("locale xx_YY.utf8 is not available")));
  record = good;
  record.encoding = "UTF99";
  EXPECT_THAT(objections(record), ElementsAre(HasSubstr("encoding UTF99 is unknown")));
  record = good;
  record.locale_provider = "builtin";
  record.locale = "C.UTF-8";
  if (std::stoi(sql("app", "SHOW server_version_num")) < 170000) {
    EXPECT_THAT(objections(record),
                ElementsAre(HasSubstr("locale C.UTF-8 is of PostgreSQL's own")));
  } else {
    EXPECT_THAT(objections(record), IsEmpty());
  }
}

TEST_P(PostgresObjectionsTest, NameCollationsThatAreMissing) {
  const auto record = dump_of(
      "SET allow_system_table_mods = on;"
      "CREATE COLLATION pg_catalog.\"of another system\" FROM \"C\";"
      "CREATE TABLE t (v text COLLATE \"of another system\", w text COLLATE \"POSIX\")");
  EXPECT_THAT(objections(record),
              ElementsAre(HasSubstr("collation of another system, which it uses, is not")));
}

TEST_P(PostgresObjectionsTest, NameSettingsThatTheServerDoesNotKnow) {
  auto record =
      dump_of("ALTER DATABASE app SET work_mem = '5MB'; ALTER DATABASE app SET my.own = 'x'");
  EXPECT_THAT(objections(record), IsEmpty());
  record.properties.replace(record.properties.find("work_mem"), 8, "werk_mem");
  EXPECT_THAT(objections(record), ElementsAre(HasSubstr("setting werk_mem of the database is")));
}

TEST_P(PostgresObjectionsTest, NameProvidersOfSecurityLabelsThatAreNotLoaded) {
  const auto record = dump_of(
      std::string(kTable) +
      "; SET allow_system_table_mods = on;"
      "INSERT INTO pg_seclabel SELECT 't'::regclass, 'pg_class'::regclass, 0, 'guard', 'secret'");
  EXPECT_THAT(objections(record),
              ElementsAre(HasSubstr("security labels need the provider guard, which is not")));
}

TEST_P(PostgresObjectionsTest, NamePreparedTransactions) {
  const auto record = dump_of(kTable);
  sql("app", "BEGIN; INSERT INTO t VALUES (5); PREPARE TRANSACTION 'pending one'");
  EXPECT_THAT(objections(record), ElementsAre(HasSubstr("pending one")));
}

// --- room ----------------------------------------------------------------------------------------

TEST_P(PostgresObjectionsTest, NameTheRoomThatIsMissing) {
  auto record = dump_of(kTable);
  record.size_bytes = std::uint64_t{1} << 60U;
  EXPECT_THAT(objections(record),
              ElementsAre(AllOf(HasSubstr("no room"), HasSubstr("MiB are needed"))));
}

TEST_P(PostgresObjectionsTest, SayNothingOfRoomThatIsUnknown) {
  auto record = dump_of(kTable);
  record.size_bytes = std::uint64_t{1} << 60U;
  docker_.replace("df", [](fakes::Process& process) {
    process.write_stdout("df: not found\n");
    return 127;
  });
  EXPECT_THAT(objections(record), IsEmpty());
}

// --- replication ---------------------------------------------------------------------------------

TEST_P(PostgresObjectionsTest, NameSlotsInUse) {
  const auto record = dump_of(kTable);
  {
    auto subscriber = server_.connect("app");
    // Of a session; in use for as long as that lives.
    subscriber.value("SELECT pg_create_logical_replication_slot('feed', 'pgoutput', true)");
    EXPECT_THAT(objections(record), ElementsAre(HasSubstr("replicated through the slot feed")));
    EXPECT_THAT(session().cautions(record), IsEmpty());
  }
  sql("app", "SELECT pg_create_logical_replication_slot('idle', 'pgoutput')");
  EXPECT_THAT(session().cautions(record), ElementsAre(HasSubstr("slot idle stays with")));
  EXPECT_THAT(objections(record), Not(Contains(HasSubstr("idle"))));
  sql("app", "SELECT pg_drop_replication_slot('idle')");
}

TEST_P(PostgresObjectionsTest, NameSubscriptionsThatAreEnabled) {
  const auto record = dump_of(std::string(kTable) +
                              "; CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1'"
                              " PUBLICATION p WITH (connect = false)");
  EXPECT_THAT(objections(record), IsEmpty());
  EXPECT_THAT(session().cautions(record), ElementsAre(HasSubstr("subscription feed ends")));
  sql("app", "ALTER SUBSCRIPTION feed ENABLE");
  EXPECT_THAT(objections(record), ElementsAre(HasSubstr("ALTER SUBSCRIPTION \"feed\" DISABLE;")));
}

// --- rights --------------------------------------------------------------------------------------

TEST_P(PostgresObjectionsTest, NameDatabasesAndRolesThatMayNotBeCreated) {
  const auto record =
      dump_of("CREATE ROLE gone; CREATE TABLE t (id int); GRANT SELECT ON t TO gone");
  sql("app", "REVOKE ALL ON t FROM gone; DROP ROLE gone");
  become("");
  EXPECT_THAT(objections(record),
              ElementsAre(HasSubstr("may not create databases"), HasSubstr("to boss"),
                          HasSubstr("may not create the roles"),
                          HasSubstr("may not give objects to their owners: boss")));
}

TEST_P(PostgresObjectionsTest, NameRolesThatOnlyASuperuserMayCreate) {
  const auto record = dump_of(
      "CREATE ROLE weak; ALTER DATABASE app OWNER TO weak; CREATE SCHEMA s AUTHORIZATION weak;"
      "CREATE ROLE mighty SUPERUSER; CREATE ROLE copier REPLICATION; CREATE ROLE plain;"
      "GRANT USAGE ON SCHEMA s TO mighty, copier, plain");
  sql("template1", "DROP DATABASE app");
  sql("template1", "DROP ROLE weak, mighty, copier, plain");
  become("CREATEDB CREATEROLE");
  EXPECT_THAT(objections(record),
              ElementsAre(HasSubstr("may not do this: CREATE ROLE \"copier\""),
                          HasSubstr("may not do this: CREATE ROLE \"mighty\"")));
}

TEST_P(PostgresObjectionsTest, NameOwnersThatWeAreNoMembersOf) {
  const auto record = dump_of(
      "CREATE ROLE weak; CREATE ROLE friend; CREATE ROLE stranger; ALTER DATABASE app OWNER TO "
      "weak;"
      "CREATE TABLE a (id int); ALTER TABLE a OWNER TO weak;"
      "CREATE TABLE b (id int); ALTER TABLE b OWNER TO friend;"
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() OWNER TO "
      "stranger");
  sql("app", "DROP OWNED BY weak");
  sql("app", "ALTER DATABASE app OWNER TO boss; DROP ROLE weak");
  become("CREATEDB IN ROLE friend");
  EXPECT_THAT(objections(record),
              ElementsAre(HasSubstr("may not give objects to their owners: stranger")));
}

TEST_P(PostgresObjectionsTest, NameObjectsThatNeedASuperuser) {
  const auto record = dump_of(
      "CREATE ROLE weak; ALTER DATABASE app OWNER TO weak;"
      "CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
      "ALTER FUNCTION ev() OWNER TO weak;"
      "CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION ev();"
      "CREATE PUBLICATION everything FOR ALL TABLES;"
      "CREATE FOREIGN DATA WRAPPER wrapper;"
      "CREATE FUNCTION c_like() RETURNS int LANGUAGE internal AS 'pg_backend_pid';"
      "ALTER FUNCTION c_like() OWNER TO weak;"
      "CREATE EXTENSION hstore");
  EXPECT_THAT(objections(record), IsEmpty());
  sql("app",
      "DROP EVENT TRIGGER watch; DROP PUBLICATION everything; DROP OWNED BY weak;"
      "ALTER DATABASE app OWNER TO boss; DROP ROLE weak");
  become("CREATEDB");
  EXPECT_THAT(objections(record),
              ElementsAre(AllOf(
                  HasSubstr("only one may create: "), HasSubstr("event trigger watch"),
                  HasSubstr("publication everything for all tables"),
                  HasSubstr("foreign-data wrapper wrapper"),
                  HasSubstr("function public.c_like() in internal"), Not(HasSubstr("hstore")))));
}

TEST_P(PostgresObjectionsTest, NameExtensionsAndSettingsThatNeedASuperuser) {
  const auto record = dump_of(
      "CREATE ROLE weak; ALTER DATABASE app OWNER TO weak; CREATE EXTENSION hstore;"
      "CREATE EXTENSION pageinspect; CREATE EXTENSION citext;"
      "ALTER DATABASE app SET log_min_duration_statement = 5;"
      "ALTER DATABASE app SET work_mem = '5MB'; ALTER DATABASE app SET my.own = 'x'");
  sql("app", "ALTER DATABASE app OWNER TO boss; DROP ROLE weak");
  become("CREATEDB");
  EXPECT_THAT(objections(record),
              ElementsAre(AllOf(HasSubstr("the extensions pageinspect"), Not(HasSubstr("citext"))),
                          AllOf(HasSubstr("settings of the database: log_min_duration_statement"),
                                Not(HasSubstr("work_mem")))));
}

INSTANTIATE_TEST_SUITE_P(Servers, PostgresObjectionsTest, kPostgresVersions, name_of_version);

}  // namespace
}  // namespace controller
