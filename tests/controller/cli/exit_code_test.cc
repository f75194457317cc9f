#include "controller/cli/exit_code.h"

#include <gtest/gtest.h>

#include "controller/archive/volume_archive.h"
#include "controller/cli/settings.h"
#include "controller/database/database_driver.h"
#include "controller/drill/drill_plan.h"
#include "controller/outage/journal.h"
#include "controller/remote/object_store.h"
#include "controller/restore/restore_plan.h"
#include "controller/snapshot/snapshot_store.h"
#include "dockerapi/error.h"

namespace controller {
namespace {

template <typename Error>
int code() {
  return static_cast<int>(exit_code_of(Error("text")));
}

// Scripts rely on these numbers; docs/commands.md lists them.
TEST(ExitCode, SaysWhatKindOfFailureItWas) {
  EXPECT_EQ(code<std::runtime_error>(), 1);
  EXPECT_EQ(code<DatabaseError>(), 1);
  EXPECT_EQ(code<UsageError>(), 2);
  EXPECT_EQ(code<SettingError>(), 2);
  EXPECT_EQ(code<PolicyError>(), 2);
  EXPECT_EQ(code<std::invalid_argument>(), 2);
  EXPECT_EQ(code<Refusal>(), 4);
  EXPECT_EQ(code<PlanRefusal>(), 4);
  EXPECT_EQ(code<RestoreRefusal>(), 4);
  EXPECT_EQ(code<DrillRefusal>(), 4);
  EXPECT_EQ(code<DatabaseRefusal>(), 4);
  EXPECT_EQ(code<SnapshotExists>(), 4);
  EXPECT_EQ(code<NoSuchSnapshot>(), 10);
  EXPECT_EQ(code<StoreLocked>(), 11);
  EXPECT_EQ(code<IntegrityError>(), 13);
  EXPECT_EQ(code<FormatError>(), 13);
  EXPECT_EQ(code<DestinationUnreachable>(), 14);
  EXPECT_EQ(code<NoSpace>(), 15);
  EXPECT_EQ(code<JournalFull>(), 15);
  EXPECT_EQ(code<dockerapi::Unreachable>(), 16);
  EXPECT_EQ(code<Interrupted>(), 130);
}

}  // namespace
}  // namespace controller
