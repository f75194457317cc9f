#include "controller/agent/tree_exchange.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "controller/agent/sync_directory.h"
#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"
#include "controller/archive/tree_removal.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNote = ".inode";

fs::path note_of(const RestoreTree& tree, const std::string& job) {
  return tree.staging + "." + job + std::string(kNote);
}

void remove_notes(const RestoreTree& tree) {
  const fs::path staging = tree.staging;
  std::vector<fs::path> notes;
  for (const auto& entry : fs::directory_iterator(staging.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(staging.filename().string() + ".") && name.ends_with(kNote)) {
      notes.push_back(entry.path());
    }
  }
  for (const auto& note : notes) {
    fs::remove(note);
  }
}

std::string inode_of(const std::string& directory) {
  struct stat seen {};
  if (::lstat(directory.c_str(), &seen) != 0) {
    throw_errno("look at", directory);
  }
  return std::to_string(seen.st_ino);
}

}  // namespace

void make_staging_place(const RestoreTree& tree) {
  if (::mkdir(tree.staging.c_str(), S_IRWXU) != 0) {
    throw_errno("make the directory", tree.staging);
  }
}

void note_staged(const RestoreTree& tree, const std::string& job) {
  const std::string inode = inode_of(tree.staging);
  remove_notes(tree);
  const auto path = note_of(tree, job);
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file || ::write(file.fd(), inode.data(), inode.size()) != std::ssize(inode) ||
      ::fsync(file.fd()) != 0) {
    throw_errno("write", path.string());
  }
  sync_directory(path.parent_path());
}

void exchange(const RestoreTree& tree) {
  if (::renameat2(AT_FDCWD, tree.live.c_str(), AT_FDCWD, tree.staging.c_str(), RENAME_EXCHANGE) !=
      0) {
    throw_errno("exchange with " + tree.staging + " the directory", tree.live);
  }
  sync_directory(fs::path(tree.live).parent_path());
}

bool is_exchanged(const RestoreTree& tree, const std::string& job) {
  const auto path = note_of(tree, job);
  struct stat seen {};
  if (::lstat(path.c_str(), &seen) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) {
      throw_errno("look at", path.string());
    }
    return false;
  }
  std::ifstream file(path);
  std::string staged;
  if (!(file >> staged)) {
    throw_errno("read", path.string());
  }
  return staged == inode_of(tree.live);
}

void remove_staging_place(const RestoreTree& tree) {
  remove_tree(tree.staging);
  remove_notes(tree);
}

}  // namespace controller
