#include "controller/remote/remote_snapshots.h"

#include <algorithm>
#include <map>
#include <utility>

#include "controller/archive/sha256.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {
namespace {

constexpr std::size_t kIdLength = 16;
constexpr std::size_t kRange = std::size_t{8} << 20U;
constexpr std::uint64_t kLargestManifest = 256U << 20U;
constexpr std::string_view kManifest = "manifest.json";

using Sizes = std::map<std::string, std::uint64_t>;  // by path below the snapshot's folder

std::string id_of(std::string_view manifest_json) {
  Sha256 digest;
  digest.add(manifest_json);
  return digest.hex().substr(0, kIdLength);
}

bool valid_id(const std::string& id) {
  return id.size() == kIdLength && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Files by name and id.
std::map<std::pair<std::string, std::string>, Sizes> grouped(const Sizes& keys,
                                                             const std::string& prefix) {
  std::map<std::pair<std::string, std::string>, Sizes> snapshots;
  for (const auto& [key, bytes] : keys) {
    const auto rest = key.substr(std::min(key.size(), prefix.size()));
    const auto first = rest.find('/');
    const auto second = first == std::string::npos ? first : rest.find('/', first + 1);
    if (second == std::string::npos) {
      continue;
    }
    const auto name = rest.substr(0, first);
    const auto id = rest.substr(first + 1, second - first - 1);
    if (valid_snapshot_name(name) && valid_id(id)) {
      snapshots[{name, id}][rest.substr(second + 1)] = bytes;
    }
  }
  return snapshots;
}

std::string read_object(ObjectStore& objects, const std::string& key, std::uint64_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(kRange, bytes - text.size()));
    text += objects.read_range(key, text.size(), size);
  }
  return text;
}

/// Throws FormatError that says what is not as it should be.
Manifest checked_manifest(const RemoteSnapshot& snapshot, const Sizes& sizes) {
  if (id_of(snapshot.manifest_json) != snapshot.id) {
    throw FormatError("manifest.json is not the one that was copied");
  }
  auto manifest = manifest_from_json(snapshot.manifest_json);
  if (manifest.name != snapshot.name) {
    throw FormatError("manifest.json is that of another snapshot");
  }
  for (const auto& file : files_of(manifest)) {
    const auto found = sizes.find(file.path);
    if (found == sizes.end()) {
      throw FormatError(file.path + " is missing");
    }
    if (found->second != file.bytes) {
      throw FormatError(file.path + " has " + std::to_string(found->second) + " bytes, not " +
                        std::to_string(file.bytes));
    }
  }
  return manifest;
}

RemoteSnapshot looked_at(ObjectStore& objects, RemoteSnapshot snapshot, const Sizes& sizes) {
  const auto found = sizes.find(std::string(kManifest));
  try {
    if (found == sizes.end()) {
      throw FormatError("it has no manifest.json: its copy is not finished");
    }
    if (found->second > kLargestManifest) {
      throw FormatError("manifest.json is too large");
    }
    snapshot.manifest_json =
        read_object(objects, snapshot.folder + std::string(kManifest), found->second);
    snapshot.manifest = checked_manifest(snapshot, sizes);
  } catch (const FormatError& error) {
    snapshot.problem = error.what();
  } catch (const NotThere& error) {
    snapshot.problem = error.what();  // removed since it was listed
  }
  return snapshot;
}

/// One whose manifest the storage refuses, as archived objects are, does not hide the others.
RemoteSnapshot looked_at_if_allowed(ObjectStore& objects, RemoteSnapshot snapshot,
                                    const Sizes& sizes) {
  try {
    return looked_at(objects, snapshot, sizes);
  } catch (const DestinationUnreachable&) {
    throw;
  } catch (const RemoteError& error) {
    snapshot.problem = error.what();
    return snapshot;
  }
}

std::uint64_t bytes_of(const Sizes& sizes) {
  std::uint64_t sum = 0;
  for (const auto& [path, bytes] : sizes) {
    sum += bytes;
  }
  return sum;
}

using Look = RemoteSnapshot (*)(ObjectStore&, RemoteSnapshot, const Sizes&);

std::vector<RemoteSnapshot> snapshots_below(ObjectStore& objects, const std::string& prefix,
                                            const std::string& narrowed, Look look) {
  std::vector<RemoteSnapshot> snapshots;
  for (const auto& [place, sizes] : grouped(objects.list(narrowed), prefix)) {
    const auto& [name, id] = place;
    const auto folder = prefix + name + "/" + id + "/";
    snapshots.push_back(
        look(objects, {name, id, folder, bytes_of(sizes), "", std::nullopt, ""}, sizes));
  }
  return snapshots;
}

}  // namespace

std::string remote_folder(const std::string& prefix, const std::string& name,
                          std::string_view manifest_json) {
  return prefix + name + "/" + id_of(manifest_json) + "/";
}

std::vector<RemoteSnapshot> list_remote(ObjectStore& objects, const std::string& prefix) {
  auto snapshots = snapshots_below(objects, prefix, prefix, looked_at_if_allowed);
  std::ranges::stable_sort(snapshots, {}, [](const RemoteSnapshot& snapshot) {
    return snapshot.manifest ? snapshot.manifest->created_at : std::string();
  });
  return snapshots;
}

RemoteSnapshot find_remote(ObjectStore& objects, const std::string& prefix,
                           const std::string& words) {
  const auto slash = words.find('/');
  const auto name = words.substr(0, slash);
  const auto id = slash == std::string::npos ? "" : words.substr(slash + 1);
  if (!valid_snapshot_name(name) || (slash != std::string::npos && !valid_id(id))) {
    throw std::invalid_argument("\"" + words +
                                "\" names no snapshot: use NAME or NAME/ID, as `cofferdam list "
                                "--remote` shows them");
  }
  auto found = snapshots_below(objects, prefix, prefix + name + "/" + id, looked_at);
  if (found.empty()) {
    throw NoSuchSnapshot("there is no snapshot " + words + " at the destination");
  }
  std::string choices;
  for (const auto& one : found) {
    choices += (choices.empty() ? "" : ", ") + one.name + "/" + one.id;
  }
  const auto broken = std::ranges::stable_partition(
      found, [](const RemoteSnapshot& one) { return one.manifest.has_value(); });
  if (broken.size() == found.size()) {
    throw FormatError("snapshot " + words +
                      " is not whole at the destination: " + found.front().problem);
  }
  if (found.size() - broken.size() > 1) {
    throw std::invalid_argument("several snapshots are called " + name + ": " + choices);
  }
  return std::move(found.front());
}

}  // namespace controller
