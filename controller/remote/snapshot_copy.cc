#include "controller/remote/snapshot_copy.h"

#include "controller/archive/volume_archive.h"
#include "controller/clock.h"
#include "controller/remote/file_upload.h"
#include "controller/remote/remote_snapshots.h"
#include "controller/snapshot/store_files.h"
#include "controller/snapshot/store_lock.h"

namespace controller {
namespace {

constexpr std::uint64_t kLargestManifest = 256U << 20U;

/// manifest.json as it is, which is what its id is made of.
std::string manifest_json_in(const std::filesystem::path& directory) {
  const auto path = directory / "manifest.json";
  return read_all(open_file_below(open_directory(directory), "manifest.json", path),
                  kLargestManifest, path);
}

Artifact manifest_file(const std::string& json) {
  Sha256 digest;
  digest.add(json);
  return {"manifest.json", json.size(), json.size(), digest.hex()};
}

CopyNote note_of(const CopyNotes& notes, const std::string& name) {
  if (auto known = notes.find(name)) {
    return *known;
  }
  CopyNote note{name, rfc3339(SystemClock().now()), std::nullopt};
  notes.write(note);
  return note;
}

/// What was begun for a snapshot that is not here any more.
CopyOutcome give_up(const CopyTarget& target, const CopyNotes& notes, const CopyNote& note) {
  if (note.under_way) {
    abort_if_allowed(target.objects, note.under_way->upload);
  }
  notes.remove(note.snapshot);
  return {note.snapshot, CopyOutcome::Kind::Gone, 0};
}

}  // namespace

void owe_copy(const CopyNotes& notes, const std::string& name) {
  note_of(notes, name);
}

std::unique_ptr<StoreLock> lock_copies(const CopyNotes& notes, const std::string& purpose) {
  return lock_store(notes.folder(), purpose);
}

CopyOutcome copy_snapshot(SnapshotStore& store, const std::string& name, const CopyTarget& target,
                          const CopyNotes& notes, const CopyProgress& progress) {
  const auto directory = store.directory(name);
  const auto json = manifest_json_in(directory);
  auto files = files_of(store.manifest(name));
  files.push_back(manifest_file(json));
  const auto folder = remote_folder(target.prefix, name, json);
  CopyOutcome outcome{name, CopyOutcome::Kind::WasThere, 0};
  std::uint64_t total = 0;
  for (const auto& file : files) {
    total += file.bytes;
  }
  const bool was_owed = notes.find(name).has_value();
  auto note = note_of(notes, name);
  FileUpload upload(target.objects, notes, note, target.part_bytes);
  bool in_parts = note.under_way.has_value();
  for (const auto& file : files) {
    const FileToPut one{directory / file.path, folder + file.path, file.bytes, file.sha256};
    if (!upload.is_there(one)) {
      in_parts = in_parts || file.bytes > target.part_bytes;
      upload.put(one, [&](std::uint64_t done) { progress(name, outcome.bytes + done, total); });
      outcome.kind = CopyOutcome::Kind::Copied;
    }
    outcome.bytes += file.bytes;
    progress(name, outcome.bytes, total);
  }
  upload.abandon();
  if (in_parts) {
    abort_uploads_below(target.objects, folder);
  }
  // One that was there may be another store's, which fetched snapshots are copies of.
  if (was_owed || outcome.kind == CopyOutcome::Kind::Copied) {
    notes.made().write({folder, {}});
  }
  notes.remove(name);
  return outcome;
}

namespace {

CopyOutcome settled(SnapshotStore& store, const CopyTarget& target, const CopyNotes& notes,
                    const CopyNote& note, const CopyProgress& progress) {
  try {
    store.directory(note.snapshot);
  } catch (const NoSuchSnapshot&) {
    return give_up(target, notes, note);
  }
  return copy_snapshot(store, note.snapshot, target, notes, progress);
}

}  // namespace

std::exception_ptr settle_copies(SnapshotStore& store, const CopyTarget& target,
                                 const CopyNotes& notes, const CopyTellers& tell) {
  std::exception_ptr first;
  for (const auto& note : notes.all()) {
    try {
      tell.done(settled(store, target, notes, note, tell.progress));
    } catch (const Interrupted&) {
      throw;
    } catch (const DestinationUnreachable&) {
      throw;
    } catch (const std::exception& failure) {
      first = first ? first : std::current_exception();
      tell.failed(note.snapshot, failure);
    }
  }
  return first;
}

}  // namespace controller
