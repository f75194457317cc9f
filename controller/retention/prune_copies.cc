#include "controller/retention/prune_copies.h"

#include <algorithm>

#include "controller/remote/file_upload.h"
#include "controller/retention/copy_candidates.h"

namespace controller {

namespace {

constexpr const char* kManifest = "manifest.json";

/// "NAME/ID" of its folder.
std::string name_of(const MadeCopy& copy) {
  const auto end = copy.folder.size() - 1;
  const auto last = copy.folder.rfind('/', end - 1);
  const auto first = copy.folder.rfind('/', last - 1);
  const auto begin = first == std::string::npos ? 0 : first + 1;
  return copy.folder.substr(begin, end - begin);
}

std::string snapshot_of(const MadeCopy& copy) {
  const auto name = name_of(copy);
  return name.substr(0, name.find('/'));
}

void remove_files(ObjectStore& objects, const CopyLedger& ledger, const MadeCopy& copy) {
  for (const auto& key : copy.going) {
    objects.remove(key);
  }
  abort_uploads_below(objects, copy.folder);
  ledger.strike(copy);
}

/// Tells in `outcome` how it went; what is left is gone on with by finish_pruning().
void remove_copy(ObjectStore& objects, const CopyLedger& ledger, const MadeCopy& copy,
                 CopyPruneOutcome& outcome) {
  try {
    remove_files(objects, ledger, copy);
    outcome.removed.push_back(name_of(copy));
  } catch (const DestinationUnreachable&) {
    throw;
  } catch (const RemoteError& error) {
    outcome.withheld.emplace_back(name_of(copy), error.what());
  }
}

void abort_forsaken_uploads(ObjectStore& objects, const CopyNotes& notes, SnapshotStore& store) {
  for (auto note : notes.all()) {
    if (!note.under_way) {
      continue;
    }
    try {
      store.directory(note.snapshot);
    } catch (const NoSuchSnapshot&) {
      abort_if_allowed(objects, note.under_way->upload);
      note.under_way.reset();
      notes.write(note);
    }
  }
}

MadeCopy condemned(const RemoteSnapshot& copy) {
  MadeCopy going{copy.folder, {copy.folder + kManifest}};
  for (const auto& file : files_of(*copy.manifest)) {
    going.going.push_back(copy.folder + file.path);
  }
  return going;
}

/// What the listing left out has to be gone.  It is struck then: a rule of the bucket ended it, or
/// somebody did.
void expect_the_rest_gone(const CopyTarget& target, const CopyLedger& ledger,
                          const std::vector<RemoteSnapshot>& copies) {
  for (const auto& made : ledger.all()) {
    if (!made.folder.starts_with(target.prefix) ||
        std::ranges::find(copies, made.folder, &RemoteSnapshot::folder) != copies.end()) {
      continue;  // the listing is of this prefix alone
    }
    if (target.objects.facts(made.folder + kManifest)) {
      throw RemoteError("the destination's listing leaves out " + name_of(made) +
                        ", which is there; nothing is removed on its word");
    }
    ledger.strike(made);
  }
}

}  // namespace

CopyPruneOutcome finish_pruning(ObjectStore& objects, const CopyNotes& notes,
                                SnapshotStore& store) {
  abort_forsaken_uploads(objects, notes, store);
  CopyPruneOutcome outcome;
  const auto ledger = notes.made();
  for (const auto& copy : ledger.all()) {
    if (copy.going.empty()) {
      continue;
    }
    if (notes.find(snapshot_of(copy)) || objects.facts(copy.folder + kManifest)) {
      ledger.write({copy.folder, {}});
    } else {
      remove_copy(objects, ledger, copy, outcome);
    }
  }
  return outcome;
}

CopyPruneOutcome prune_copies(
    const CopyTarget& target, const CopyNotes& notes, const std::vector<RemoteSnapshot>& copies,
    const RetentionPlan& plan,
    const std::function<bool(const std::string& snapshot)>& pinned_since) {
  CopyPruneOutcome outcome;
  const auto going = dropped(plan);
  if (going.empty()) {
    return outcome;
  }
  const auto ledger = notes.made();
  expect_the_rest_gone(target, ledger, copies);
  for (const auto& name : going) {
    const auto found = std::ranges::find(copies, name, copy_name);
    if (pinned_since(found->name)) {
      continue;
    }
    const auto copy = condemned(*found);
    ledger.write(copy);
    remove_copy(target.objects, ledger, copy, outcome);
  }
  return outcome;
}

}  // namespace controller
