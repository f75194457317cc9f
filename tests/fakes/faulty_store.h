// A store whose N-th call goes wrong.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "controller/snapshot/snapshot_store.h"

namespace fakes {

/// What the chosen call throws.
class StoreFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Passes every call on to another store, those of its drafts too, counts them, and makes the
/// chosen one throw StoreFault.  A loop over n = 1 … calls() of a run without faults reaches every
/// call there is:
///
///   for (int n = 1; n <= calls_of_a_good_run; ++n) for (auto when : {FaultyStore::When::Before, …
///
/// Calls must come from one thread at a time.
class FaultyStore : public controller::SnapshotStore {
 public:
  /// Before: nothing happened.  After: it took effect, and then it failed.
  enum class When { Before, After };

  explicit FaultyStore(controller::SnapshotStore& behind);

  /// The n-th call from the start (1 is the first) throws, the ones after it work again.
  void fail_at(int n, When when);

  /// No more faults; counting goes on.
  void heal();

  /// Calls so far, the failed one included.
  [[nodiscard]] int calls() const;

  /// What the n-th call was: "begin", "commit", …
  [[nodiscard]] std::string call(int n) const;

  std::unique_ptr<controller::SnapshotDraft> begin(const std::string& name) override;
  std::vector<controller::SnapshotEntry> list() override;
  std::vector<controller::SnapshotEntry> list_anew() override;
  std::optional<controller::Manifest> last_success(const std::string& project) override;
  controller::Manifest manifest(const std::string& name) override;
  std::filesystem::path directory(const std::string& name) override;
  void add_report(const controller::CheckReport& report) override;
  controller::ReportChain reports(const std::string& name) override;
  void pin(const std::string& name) override;
  void unpin(const std::string& name) override;
  bool pinned(const std::string& name) override;
  void remove(const std::string& name) override;
  void discard(const std::string& name, std::chrono::sys_seconds at) override;
  std::vector<controller::DiscardedSnapshot> discarded() override;
  std::vector<controller::DiscardedSnapshot> purge(std::chrono::sys_seconds until) override;
  std::vector<std::string> sweep() override;
  std::unique_ptr<controller::StoreLock> lock(const std::string& purpose) override;
  std::uint64_t free_bytes() override;

  /// The count that the store and its drafts share.
  struct Calls;

 private:
  controller::SnapshotStore& behind_;
  std::shared_ptr<Calls> calls_;
};

}  // namespace fakes
