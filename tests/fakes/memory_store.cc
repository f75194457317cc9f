#include "tests/fakes/memory_store.h"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "controller/archive/artifact.h"
#include "controller/archive/sha256.h"

namespace fakes {

using controller::Artifact;
using controller::Manifest;
using controller::NoSuchSnapshot;
using controller::SnapshotDraft;
using controller::SnapshotEntry;
using controller::SnapshotExists;

struct StoredSnapshot {
  SnapshotEntry entry;
  std::optional<Manifest> manifest;  // absent: it is corrupt
};

struct MemoryStore::State {
  std::filesystem::path root;
  std::map<std::string, StoredSnapshot> snapshots;
  std::map<std::string, std::string> reports;  // lines
  std::set<std::string> pins;                  // names
  std::set<std::string> drafts;                // names
  std::vector<controller::DiscardedSnapshot> trash;
  std::string holder;

  State() {
    std::string name = (std::filesystem::temp_directory_path() / "memory-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("cannot make a temporary directory");
    }
    root = name;
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
};

namespace {

class MemoryDraft : public SnapshotDraft {
 public:
  MemoryDraft(std::shared_ptr<MemoryStore::State> state, std::string name)
      : state_(std::move(state)),
        name_(std::move(name)),
        path_(state_->root / ("." + name_ + ".partial")) {
    std::filesystem::create_directory(path_);
    state_->drafts.insert(name_);
  }
  MemoryDraft(const MemoryDraft&) = delete;
  MemoryDraft& operator=(const MemoryDraft&) = delete;
  ~MemoryDraft() override {
    state_->drafts.erase(name_);
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::filesystem::path directory() const override { return path_; }

  void make_folder(const std::string& path) override {
    std::filesystem::create_directories(inside(path));
  }

  Artifact add_text(const std::string& path, std::string_view text) override {
    const auto place = inside(path);
    std::filesystem::create_directories(place.parent_path());
    if (std::filesystem::exists(place)) {
      throw std::runtime_error(place.string() + " exists already");
    }
    std::ofstream(place, std::ios::binary) << text;
    controller::Sha256 digest;
    digest.add(text);
    return {path, text.size(), text.size(), digest.hex()};
  }

  void commit(const Manifest& manifest) override {
    check(manifest);
    Manifest sealed = manifest;
    sealed.recovery = add_text("RECOVERY.txt", "restore " + name_ + "\n");
    seal(to_json(sealed));
  }

  void commit_as(const std::string& manifest_json) override {
    const auto manifest = controller::manifest_from_json(manifest_json);
    check(manifest);
    auto files = artifacts(manifest);
    if (manifest.recovery) {
      files.push_back(*manifest.recovery);
    }
    for (const auto& file : files) {
      std::ifstream stored(inside(file.path), std::ios::binary);
      controller::Sha256 digest;
      std::ostringstream text;
      text << stored.rdbuf();
      digest.add(text.str());
      if (digest.hex() != file.sha256) {
        throw controller::IntegrityError(file.path + " is not what its manifest says");
      }
    }
    seal(manifest_json);
  }

 private:
  void check(const Manifest& manifest) const {
    if (manifest.name != name_) {
      throw std::invalid_argument("the manifest is of another snapshot: " + manifest.name);
    }
    for (const auto& artifact : artifacts(manifest)) {
      if (std::filesystem::file_size(inside(artifact.path)) != artifact.bytes) {
        throw std::runtime_error(artifact.path + " has another size than its record");
      }
    }
    if (state_->snapshots.contains(name_)) {
      throw SnapshotExists(name_ + " exists already");
    }
  }

  void seal(const std::string& json) {
    auto manifest = controller::manifest_from_json(json);
    SnapshotEntry entry{name_, summary_of(manifest), "", 0};
    add_text("manifest.json", json);
    for (const auto& file : std::filesystem::recursive_directory_iterator(path_)) {
      entry.bytes += file.is_regular_file() ? file.file_size() : 0;
    }
    std::filesystem::rename(path_, state_->root / name_);
    state_->snapshots[name_] = {std::move(entry), std::move(manifest)};
  }

  [[nodiscard]] std::filesystem::path inside(const std::string& path) const {
    const auto place = (path_ / path).lexically_normal();
    if (path.empty() || !place.string().starts_with(path_.string() + "/")) {
      throw std::invalid_argument("\"" + path + "\" is no path below a snapshot");
    }
    return place;
  }

  std::shared_ptr<MemoryStore::State> state_;
  std::string name_;
  std::filesystem::path path_;
};

class MemoryLock : public controller::StoreLock {
 public:
  MemoryLock(std::shared_ptr<MemoryStore::State> state, const std::string& purpose)
      : state_(std::move(state)) {
    state_->holder = purpose;
  }
  MemoryLock(const MemoryLock&) = delete;
  MemoryLock& operator=(const MemoryLock&) = delete;
  ~MemoryLock() override { state_->holder.clear(); }

 private:
  std::shared_ptr<MemoryStore::State> state_;
};

StoredSnapshot& found(MemoryStore::State& state, const std::string& name) {
  const auto entry = state.snapshots.find(name);
  if (entry == state.snapshots.end()) {
    throw NoSuchSnapshot("there is no snapshot \"" + name + "\"");
  }
  return entry->second;
}

std::string manifest_digest(const StoredSnapshot& snapshot) {
  controller::Sha256 digest;
  digest.add(snapshot.manifest ? to_json(*snapshot.manifest) : "");
  return digest.hex();
}

}  // namespace

MemoryStore::MemoryStore() : state_(std::make_shared<State>()) {}

MemoryStore::~MemoryStore() = default;

std::unique_ptr<SnapshotDraft> MemoryStore::begin(const std::string& name) {
  if (!controller::valid_snapshot_name(name)) {
    throw std::invalid_argument("\"" + name + "\" cannot name a snapshot");
  }
  if (state_->snapshots.contains(name) || state_->drafts.contains(name)) {
    throw SnapshotExists(name + " exists already");
  }
  return std::make_unique<MemoryDraft>(state_, name);
}

std::vector<SnapshotEntry> MemoryStore::list() {
  std::vector<SnapshotEntry> entries;
  for (const auto& [name, snapshot] : state_->snapshots) {
    entries.push_back(snapshot.entry);
    entries.back().checked = standing_of(reports(name));
    entries.back().pinned = state_->pins.contains(name);
    entries.back().digest = manifest_digest(snapshot);
  }
  std::ranges::stable_sort(entries, {}, [](const SnapshotEntry& entry) {
    return entry.summary ? entry.summary->created_at : std::string();
  });
  return entries;
}

std::vector<SnapshotEntry> MemoryStore::list_anew() {
  return list();
}

std::optional<Manifest> MemoryStore::last_success(const std::string& project) {
  std::optional<Manifest> last;
  for (const auto& entry : list()) {
    if (entry.summary && entry.summary->project == project &&
        entry.summary->status == controller::Status::Success) {
      last = manifest(entry.name);
    }
  }
  return last;
}

Manifest MemoryStore::manifest(const std::string& name) {
  const auto& snapshot = found(*state_, name);
  if (!snapshot.manifest) {
    throw controller::FormatError("snapshot " + name + " is corrupt: " + snapshot.entry.problem);
  }
  return *snapshot.manifest;
}

std::filesystem::path MemoryStore::directory(const std::string& name) {
  found(*state_, name);
  return state_->root / name;
}

void MemoryStore::add_report(const controller::CheckReport& report) {
  const auto manifest = manifest_digest(found(*state_, report.snapshot));
  auto& lines = state_->reports[report.snapshot];
  lines += report_line(report, controller::last_digest(lines, manifest)) + "\n";
}

controller::ReportChain MemoryStore::reports(const std::string& name) {
  return controller::read_report_lines(state_->reports[name],
                                       manifest_digest(found(*state_, name)));
}

void MemoryStore::remove(const std::string& name) {
  found(*state_, name);
  state_->snapshots.erase(name);
  state_->reports.erase(name);
  state_->pins.erase(name);
  std::filesystem::remove_all(state_->root / name);
}

void MemoryStore::pin(const std::string& name) {
  found(*state_, name);
  state_->pins.insert(name);
}

void MemoryStore::unpin(const std::string& name) {
  found(*state_, name);
  state_->pins.erase(name);
}

bool MemoryStore::pinned(const std::string& name) {
  found(*state_, name);
  return state_->pins.contains(name);
}

void MemoryStore::discard(const std::string& name, std::chrono::sys_seconds at) {
  remove(name);
  state_->trash.push_back({name, at});
}

std::vector<controller::DiscardedSnapshot> MemoryStore::discarded() {
  std::ranges::stable_sort(state_->trash, {}, &controller::DiscardedSnapshot::discarded_at);
  return state_->trash;
}

std::vector<controller::DiscardedSnapshot> MemoryStore::purge(std::chrono::sys_seconds until) {
  std::vector<controller::DiscardedSnapshot> over;
  for (const auto& one : discarded()) {
    if (one.discarded_at <= until) {
      over.push_back(one);
    }
  }
  std::erase_if(state_->trash, [&](const auto& one) { return one.discarded_at <= until; });
  return over;
}

std::vector<std::string> MemoryStore::sweep() {
  std::vector<std::string> removed;
  for (const auto& name : std::exchange(state_->drafts, {})) {
    removed.push_back("." + name + ".partial");
    std::filesystem::remove_all(state_->root / removed.back());
  }
  return removed;
}

std::unique_ptr<controller::StoreLock> MemoryStore::lock(const std::string& purpose) {
  if (!state_->holder.empty()) {
    throw controller::StoreLocked("the store is held by \"" + state_->holder + "\"");
  }
  return std::make_unique<MemoryLock>(state_, purpose);
}

void MemoryStore::corrupt(const std::string& name, const std::string& problem) {
  auto& [entry, manifest] = found(*state_, name);
  entry.changed_at = manifest ? manifest->created_at : entry.changed_at;
  entry.summary.reset();
  entry.problem = problem;
  manifest.reset();
}

}  // namespace fakes
