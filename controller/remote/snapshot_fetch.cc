#include "controller/remote/snapshot_fetch.h"

#include <algorithm>

#include "controller/archive/artifact.h"
#include "controller/archive/stored_file.h"
#include "controller/snapshot/artifact_path.h"
#include "controller/units.h"

namespace controller {
namespace {

constexpr std::size_t kRange = std::size_t{8} << 20U;

void fetch_file(ObjectStore& objects, const std::string& folder, const Artifact& file,
                SnapshotDraft& draft, const std::function<void(std::uint64_t)>& progress) {
  if (!valid_artifact_path(file.path)) {
    throw FormatError("\"" + file.path + "\" is no path below a snapshot");
  }
  if (const auto slash = file.path.rfind('/'); slash != std::string::npos) {
    draft.make_folder(file.path.substr(0, slash));
  }
  StoredFile stored(draft.directory() / file.path);
  while (stored.size() < file.bytes) {
    const auto size = std::min<std::uint64_t>(kRange, file.bytes - stored.size());
    stored.write(
        objects.read_range(folder + file.path, stored.size(), static_cast<std::size_t>(size)));
    progress(stored.size());
  }
  if (stored.finish() != file.sha256) {
    throw IntegrityError(folder + file.path + " is not what was copied to the destination");
  }
}

}  // namespace

void fetch_snapshot(ObjectStore& objects, const RemoteSnapshot& snapshot, SnapshotStore& store,
                    const std::function<void(std::uint64_t)>& progress) {
  const auto draft = store.begin(snapshot.name);
  if (store.free_bytes() < snapshot.bytes) {
    throw NoSpace("the store has " + human_bytes(store.free_bytes()) + " left, and snapshot " +
                  snapshot.name + " has " + human_bytes(snapshot.bytes));
  }
  std::uint64_t before = 0;
  for (const auto& file : files_of(*snapshot.manifest)) {
    fetch_file(objects, snapshot.folder, file, *draft,
               [&](std::uint64_t done) { progress(before + done); });
    before += file.bytes;
  }
  draft->commit_as(snapshot.manifest_json);
}

bool is_here(SnapshotStore& store, const RemoteSnapshot& snapshot) {
  try {
    return store.manifest(snapshot.name) == *snapshot.manifest;
  } catch (const NoSuchSnapshot&) {
    return false;
  } catch (const FormatError&) {
    return false;
  }
}

}  // namespace controller
