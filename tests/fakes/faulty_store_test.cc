#include "tests/fakes/faulty_store.h"

#include <gtest/gtest.h>

#include "tests/controller/snapshot/written_snapshot.h"
#include "tests/fakes/memory_store.h"

namespace fakes {
namespace {

using controller::listed;
using controller::write_snapshot;
using Names = std::vector<std::string>;

class FaultyStoreTest : public testing::Test {
 protected:
  MemoryStore behind_;
  FaultyStore store_{behind_};
};

TEST_F(FaultyStoreTest, CountsTheCallsOfItsDraftsToo) {
  write_snapshot(store_, "a");
  store_.free_bytes();

  Names calls;
  for (int n = 1; n <= store_.calls(); ++n) {
    calls.push_back(store_.call(n));
  }
  EXPECT_EQ(calls, (Names{"begin", "add_text", "add_text", "commit", "free_bytes"}));
}

TEST_F(FaultyStoreTest, FailsBeforeTheChosenCall) {
  store_.fail_at(4, FaultyStore::When::Before);

  EXPECT_THROW(write_snapshot(store_, "a"), StoreFault);

  EXPECT_EQ(listed(behind_), Names{});
}

TEST_F(FaultyStoreTest, FailsAfterTheChosenCall) {
  store_.fail_at(4, FaultyStore::When::After);

  EXPECT_THROW(write_snapshot(store_, "a"), StoreFault);

  EXPECT_EQ(listed(behind_), Names{"a"});
}

TEST_F(FaultyStoreTest, FailsOnceOnly) {
  store_.fail_at(1, FaultyStore::When::Before);
  EXPECT_THROW(store_.list(), StoreFault);

  EXPECT_EQ(listed(store_), Names{});
}

TEST_F(FaultyStoreTest, PassesOnWhatTheStoreBehindThrows) {
  EXPECT_THROW(store_.manifest("a"), controller::NoSuchSnapshot);
  EXPECT_THROW(store_.begin("../a"), std::invalid_argument);
}

TEST_F(FaultyStoreTest, IsHealed) {
  store_.fail_at(1, FaultyStore::When::After);
  store_.heal();

  EXPECT_NO_THROW(store_.sweep());
}

}  // namespace
}  // namespace fakes
