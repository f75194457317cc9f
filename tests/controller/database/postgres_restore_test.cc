// Restoring beside the live database and swapping, against a real server.
#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using PostgresRestoreTest = PostgresTest;

TEST_F(PostgresRestoreTest, BringsBackWhatWasThereAndNothingElse) {
  create("app",
         "CREATE TABLE t (id int PRIMARY KEY, v text);"
         "INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, 1000) n");
  const auto record = dump("app");
  sql("app", "DELETE FROM t WHERE id > 10; CREATE TABLE newer (id int)");

  EXPECT_TRUE(restore(record).empty());

  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
  EXPECT_EQ(sql("app", "SELECT to_regclass('newer') IS NULL"), "t");
  EXPECT_EQ(names(), "app");
}

}  // namespace
}  // namespace controller
