#include "tests/fakes/faulty_store.h"

#include <type_traits>
#include <utility>

namespace fakes {

struct FaultyStore::Calls {
  std::vector<std::string> made;
  int chosen = 0;  // 0: none
  When when = When::Before;

  /// Runs `action` as the next call.
  template <typename Action>
  auto pass(const std::string& name, Action action) {
    made.push_back(name);
    const bool fails = static_cast<int>(made.size()) == chosen;
    const StoreFault fault("call " + std::to_string(made.size()) + " (" + name +
                           ") was told to fail");
    if (fails && when == When::Before) {
      throw fault;
    }
    if constexpr (std::is_void_v<decltype(action())>) {
      action();
      if (fails) {
        throw fault;
      }
    } else {
      auto result = action();
      if (fails) {
        throw fault;
      }
      return result;
    }
  }
};

namespace {

class FaultyDraft : public controller::SnapshotDraft {
 public:
  FaultyDraft(std::unique_ptr<controller::SnapshotDraft> behind,
              std::shared_ptr<FaultyStore::Calls> calls)
      : behind_(std::move(behind)), calls_(std::move(calls)) {}

  [[nodiscard]] std::filesystem::path directory() const override { return behind_->directory(); }

  controller::Artifact add_text(const std::string& path, std::string_view text) override {
    return calls_->pass("add_text", [&] { return behind_->add_text(path, text); });
  }

  void make_folder(const std::string& path) override {
    calls_->pass("make_folder", [&] { behind_->make_folder(path); });
  }

  void commit(const controller::Manifest& manifest) override {
    calls_->pass("commit", [&] { behind_->commit(manifest); });
  }

  void commit_as(const std::string& manifest_json) override {
    calls_->pass("commit_as", [&] { behind_->commit_as(manifest_json); });
  }

 private:
  std::unique_ptr<controller::SnapshotDraft> behind_;
  std::shared_ptr<FaultyStore::Calls> calls_;
};

}  // namespace

FaultyStore::FaultyStore(controller::SnapshotStore& behind)
    : behind_(behind), calls_(std::make_shared<Calls>()) {}

void FaultyStore::fail_at(int n, When when) {
  calls_->chosen = n;
  calls_->when = when;
}

void FaultyStore::heal() {
  calls_->chosen = 0;
}

int FaultyStore::calls() const {
  return static_cast<int>(calls_->made.size());
}

std::string FaultyStore::call(int n) const {
  return calls_->made.at(static_cast<std::size_t>(n) - 1);
}

std::unique_ptr<controller::SnapshotDraft> FaultyStore::begin(const std::string& name) {
  return calls_->pass("begin", [&]() -> std::unique_ptr<controller::SnapshotDraft> {
    return std::make_unique<FaultyDraft>(behind_.begin(name), calls_);
  });
}

std::vector<controller::SnapshotEntry> FaultyStore::list() {
  return calls_->pass("list", [&] { return behind_.list(); });
}

std::vector<controller::SnapshotEntry> FaultyStore::list_anew() {
  return calls_->pass("list", [&] { return behind_.list_anew(); });
}

std::optional<controller::Manifest> FaultyStore::last_success(const std::string& project) {
  return calls_->pass("last_success", [&] { return behind_.last_success(project); });
}

controller::Manifest FaultyStore::manifest(const std::string& name) {
  return calls_->pass("manifest", [&] { return behind_.manifest(name); });
}

std::filesystem::path FaultyStore::directory(const std::string& name) {
  return calls_->pass("directory", [&] { return behind_.directory(name); });
}

void FaultyStore::add_report(const controller::CheckReport& report) {
  calls_->pass("add_report", [&] { behind_.add_report(report); });
}

controller::ReportChain FaultyStore::reports(const std::string& name) {
  return calls_->pass("reports", [&] { return behind_.reports(name); });
}

void FaultyStore::pin(const std::string& name) {
  calls_->pass("pin", [&] { behind_.pin(name); });
}

void FaultyStore::unpin(const std::string& name) {
  calls_->pass("unpin", [&] { behind_.unpin(name); });
}

bool FaultyStore::pinned(const std::string& name) {
  return calls_->pass("pinned", [&] { return behind_.pinned(name); });
}

void FaultyStore::discard(const std::string& name, std::chrono::sys_seconds at) {
  calls_->pass("discard", [&] { behind_.discard(name, at); });
}

std::vector<controller::DiscardedSnapshot> FaultyStore::discarded() {
  return calls_->pass("discarded", [&] { return behind_.discarded(); });
}

std::vector<controller::DiscardedSnapshot> FaultyStore::purge(std::chrono::sys_seconds until) {
  return calls_->pass("purge", [&] { return behind_.purge(until); });
}

void FaultyStore::remove(const std::string& name) {
  calls_->pass("remove", [&] { behind_.remove(name); });
}

std::vector<std::string> FaultyStore::sweep() {
  return calls_->pass("sweep", [&] { return behind_.sweep(); });
}

std::unique_ptr<controller::StoreLock> FaultyStore::lock(const std::string& purpose) {
  return calls_->pass("lock", [&] { return behind_.lock(purpose); });
}

std::uint64_t FaultyStore::free_bytes() {
  return calls_->pass("free_bytes", [&] { return behind_.free_bytes(); });
}

}  // namespace fakes
