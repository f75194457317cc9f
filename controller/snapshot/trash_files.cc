#include "controller/snapshot/trash_files.h"

#include <cerrno>
#include <system_error>

#include "controller/clock.h"
#include "controller/snapshot/store_files.h"

namespace controller {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTimeLength = 16;  // 20261127T020000Z

fs::path folder_of(const fs::path& root) {
  return state_folder(root, "trash");
}

std::string name_in_trash(const DiscardedSnapshot& discarded) {
  return snapshot_name_of(discarded.discarded_at) + "." + discarded.name;
}

std::optional<DiscardedSnapshot> discarded_from(const std::string& name) {
  const auto dot = name.find('.');
  const auto at = time_from_digits(name.substr(0, dot));
  if (dot != kTimeLength || !at || !valid_snapshot_name(name.substr(dot + 1))) {
    return std::nullopt;
  }
  return DiscardedSnapshot{name.substr(dot + 1), *at};
}

}  // namespace

void move_to_trash(const fs::path& root, const std::string& snapshot, std::chrono::sys_seconds at) {
  make_state_folder(root, "trash");
  const auto store = open_directory(root);
  const auto trash = open_directory(folder_of(root));
  const auto name = name_in_trash({snapshot, at});
  if (!rename_into(store, snapshot, trash, name, root / snapshot)) {
    throw std::system_error(EEXIST, std::generic_category(),
                            "cannot rename " + (root / snapshot).string() + " to " + name);
  }
  // Its new place first: a crash in between may show it twice, never nowhere.
  sync(trash, folder_of(root));
  sync(store, root);
}

std::vector<DiscardedSnapshot> trash_in(const fs::path& root) {
  const auto folder = folder_of(root);
  std::vector<DiscardedSnapshot> found;
  if (!fs::is_directory(fs::symlink_status(folder))) {
    return found;
  }
  const auto trash = open_directory(folder);
  for (const auto& name : names_in(trash, folder)) {  // sorted, so by time
    if (auto discarded = discarded_from(name);
        discarded && kind_of(trash, name, folder / name) == EntryKind::Directory) {
      found.push_back(std::move(*discarded));
    }
  }
  return found;
}

void remove_from_trash(const fs::path& root, const DiscardedSnapshot& discarded) {
  const auto folder = folder_of(root);
  const auto trash = open_directory(folder);
  const auto name = name_in_trash(discarded);
  remove_tree(trash, name, folder / name);
  sync(trash, folder);
}

}  // namespace controller
