// A store that forgets: for tests that need snapshots but not a disk's promises.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "controller/snapshot/snapshot_store.h"

namespace fakes {

/// Keeps the contract of SnapshotStore.  Which snapshots exist is known in memory only; their files
/// lie in a temporary directory that goes with the store.  Not for several threads.
class MemoryStore : public controller::SnapshotStore {
 public:
  MemoryStore();
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;
  ~MemoryStore() override;

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
  std::uint64_t free_bytes() override { return free_bytes_; }

  void set_free_bytes(std::uint64_t bytes) { free_bytes_ = bytes; }

  /// From now on the snapshot is listed as corrupt.
  void corrupt(const std::string& name, const std::string& problem);

  /// What the directory on disk stands for: names, who holds the lock.  Drafts outlive the store.
  struct State;

 private:
  std::shared_ptr<State> state_;
  std::uint64_t free_bytes_ = 1ULL << 40U;
};

}  // namespace fakes
