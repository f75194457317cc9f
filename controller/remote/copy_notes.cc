#include "controller/remote/copy_notes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"
#include "controller/remote/s3_address.h"
#include "controller/snapshot/snapshot_store.h"
#include "controller/snapshot/store_files.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kEnding = ".json";
constexpr std::uint64_t kLargestNote = 64U << 10U;

std::string text_of(const CopyNote& note, const std::string& where) {
  Json json = {{"snapshot", note.snapshot}, {"owed_since", note.owed_since}, {"where", where}};
  if (note.under_way) {
    json["key"] = note.under_way->upload.key;
    json["upload"] = note.under_way->upload.id;
    json["part_bytes"] = note.under_way->part_bytes;
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// A note that cannot be read still says whose copy is owed.
CopyNote note_from(const std::string& text, const std::string& snapshot, const std::string& where) {
  CopyNote note{snapshot, "", std::nullopt};
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return note;
  }
  try {
    note.owed_since = json.value("owed_since", "");
    if (json.contains("upload") && json.value("where", "") == where) {
      note.under_way = UploadNote{{json.value("key", ""), json.value("upload", "")},
                                  json.value("part_bytes", std::uint64_t{0})};
    }
  } catch (const Json::exception&) {
    note.under_way.reset();
  }
  return note;
}

}  // namespace

CopyNotes::CopyNotes(const fs::path& store, const Destination& destination)
    : folder_(state_folder(store, "copies") / destination.name) {
  const auto address = s3_address(destination);
  where_ = address.scheme + "://" + address.host + address.base;
  make_state_folder(store, "copies");
  make_directory(folder_);
  sync(open_directory(folder_.parent_path()), folder_.parent_path());
}

std::optional<CopyNote> CopyNotes::find(const std::string& snapshot) const {
  const auto path = folder_ / (snapshot + std::string(kEnding));
  const auto folder = open_directory(folder_);
  if (kind_of(folder, path.filename(), path) != EntryKind::File) {
    return std::nullopt;
  }
  return note_from(read_all(open_file_below(folder, path.filename(), path), kLargestNote, path),
                   snapshot, where_);
}

std::vector<CopyNote> CopyNotes::all() const {
  std::vector<CopyNote> notes;
  for (const auto& name : names_in(open_directory(folder_), folder_)) {
    const auto snapshot = name.substr(0, name.size() - std::min(name.size(), kEnding.size()));
    if (name.ends_with(kEnding) && valid_snapshot_name(snapshot)) {
      if (auto note = find(snapshot)) {
        notes.push_back(std::move(*note));
      }
    }
  }
  std::ranges::stable_sort(notes, {}, &CopyNote::owed_since);
  return notes;
}

void CopyNotes::write(const CopyNote& note) const {
  replace_file(folder_, note.snapshot + std::string(kEnding), text_of(note, where_));
}

void CopyNotes::remove(const std::string& snapshot) const {
  const auto path = folder_ / (snapshot + std::string(kEnding));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    throw_errno("remove", path);
  }
  sync(open_directory(folder_), folder_);
}

CopyLedger CopyNotes::made() const {
  return {folder_ / "made", where_};
}

std::vector<CopyNote> owed_copies(const fs::path& store, const Destination& destination) {
  std::error_code ignored;
  const bool any = fs::is_directory(state_folder(store, "copies") / destination.name, ignored);
  return any ? CopyNotes(store, destination).all() : std::vector<CopyNote>();
}

}  // namespace controller
