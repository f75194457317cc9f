// Snapshots in a bucket: <prefix>NAME/ID/…, where ID is the start of the SHA-256 of manifest.json.
// Two snapshots of one name, of whatever machine, are in different places then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/remote/object_store.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// Without a manifest it is none yet, or not one any more, and `problem` says why.
struct RemoteSnapshot {
  std::string name;
  std::string id;      // 16 hex digits
  std::string folder;  // what its keys start with; ends in '/'
  std::uint64_t bytes = 0;
  std::string manifest_json;  // as it is there
  std::optional<Manifest> manifest;
  std::string problem;
};

/// Where a snapshot with this manifest.json goes.
std::string remote_folder(const std::string& prefix, const std::string& name,
                          std::string_view manifest_json);

/// Oldest first, those without a manifest too, and those whose manifest the storage refuses.  What
/// else lies below the prefix is left out.
std::vector<RemoteSnapshot> list_remote(ObjectStore& objects, const std::string& prefix);

/// The whole one called "NAME" or "NAME/ID".  Throws NoSuchSnapshot, FormatError if it is not
/// whole, std::invalid_argument if several have the name.
RemoteSnapshot find_remote(ObjectStore& objects, const std::string& prefix,
                           const std::string& words);

}  // namespace controller
