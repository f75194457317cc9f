#include "controller/snapshot/pin_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "controller/archive/system_call.h"
#include "controller/snapshot/store_files.h"

namespace controller {

namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& root) {
  return state_folder(root, "pins");
}

}  // namespace

void write_pin(const fs::path& root, const std::string& snapshot) {
  make_state_folder(root, "pins");
  const auto path = folder_of(root) / snapshot;
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) {
    throw_errno("open", path);
  }
  sync(file, path);
  sync(open_directory(folder_of(root)), folder_of(root));
}

void remove_pin(const fs::path& root, const std::string& snapshot) {
  const auto path = folder_of(root) / snapshot;
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) {
      return;
    }
    throw_errno("remove", path);
  }
  sync(open_directory(folder_of(root)), folder_of(root));
}

bool has_pin(const fs::path& root, const std::string& snapshot) {
  // Whatever has the name counts: a pin that looks odd must not mean that a snapshot may go.
  return fs::symlink_status(folder_of(root) / snapshot).type() != fs::file_type::not_found;
}

void sweep_pins(const fs::path& root) {
  const auto folder = folder_of(root);
  if (!fs::is_directory(fs::symlink_status(folder))) {
    return;
  }
  const auto store = open_directory(root);
  for (const auto& name : names_in(open_directory(folder), folder)) {
    if (kind_of(store, name, root / name) == EntryKind::Absent) {
      remove_pin(root, name);
    }
  }
}

}  // namespace controller
