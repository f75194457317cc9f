#include "controller/access/audit_log.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "tests/controller/access/access_file_fixture.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

AuditEntry entry(const std::string& action) {
  return {"2026-11-20T02:00:00Z", "user admin", "192.0.2.1", action, "nightly", "ok"};
}

class AuditLogTest : public AccessFileTest {
 protected:
  AuditLogTest() {
    for (const char* action : {"login", "create", "delete"}) {
      log_.add(entry(action));
    }
  }

  void change(const char* sql) {
    file_.with([&](sqlite3* database) {
      EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    });
  }

  AuditLog log_{file_};
};

TEST_F(AuditLogTest, ReadsWhatWasWrittenInOrder) {
  const auto trail = log_.read();
  EXPECT_THAT(trail.entries, ElementsAre(entry("login"), entry("create"), entry("delete")));
  EXPECT_THAT(trail.problem, IsEmpty());
}

TEST_F(AuditLogTest, GoesOnFromWhatAnotherProcessWrote) {
  AccessFile other(path());
  AuditLog(other).add(entry("undo"));
  log_.add(entry("logout"));
  EXPECT_THAT(log_.read().entries, SizeIs(5));
  EXPECT_THAT(log_.read().problem, IsEmpty());
}

TEST_F(AuditLogTest, NoticesAChangedLine) {
  change("UPDATE audit SET line = replace(line, 'nightly', 'other') WHERE number = 2");
  EXPECT_THAT(log_.read().entries, SizeIs(2));
  EXPECT_THAT(log_.read().problem, HasSubstr("line 3"));
}

TEST_F(AuditLogTest, NoticesARemovedLine) {
  change("DELETE FROM audit WHERE number = 1");
  EXPECT_THAT(log_.read().entries, IsEmpty());
  EXPECT_THAT(log_.read().problem, HasSubstr("line 1"));
}

TEST_F(AuditLogTest, NoticesLinesInAnotherOrder) {
  change("UPDATE audit SET number = 9 WHERE number = 2");
  EXPECT_THAT(log_.read().problem, HasSubstr("line 2"));
}

}  // namespace
}  // namespace controller
