// Freezing and dumping, against a real server.
#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using PostgresDumpTest = PostgresTest;

TEST_F(PostgresDumpTest, DumpsWhatTheSnapshotShowsAndNothingLater) {
  create("app",
         "CREATE TABLE t (id int PRIMARY KEY, v text);"
         "INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, 1000) n");

  const auto lease = session().freeze("app");
  sql("app", "INSERT INTO t SELECT n, 'late' FROM generate_series(1001, 2000) n");
  sql("app", "CREATE TABLE later (id int); INSERT INTO later VALUES (1)");
  const auto record = lease->dump(request(), [](std::uint64_t, std::uint64_t) {}, {});

  ASSERT_EQ(record.tables.size(), 1U);
  EXPECT_EQ(record.tables[0].name, "t");
  EXPECT_EQ(record.tables[0].rows, 1000U);
  EXPECT_EQ(record.tables[0].checksum.size(), 16U);
  EXPECT_EQ(record.artifact.path, "databases/db/app.dump.zst");
  EXPECT_EQ(std::filesystem::file_size(directory_ / record.artifact.path), record.artifact.bytes);
  EXPECT_TRUE(read_dump(record, directory_ / record.artifact.path).empty());
}

}  // namespace
}  // namespace controller
