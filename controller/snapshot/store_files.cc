#include "controller/snapshot/store_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
// A FIFO in a damaged store must not block whoever opens it.
constexpr int kFileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

struct stat status_of(const FileDescriptor& file, const std::filesystem::path& shown) {
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) {
    throw_errno("look at", shown);
  }
  return status;
}

FileDescriptor open_file_in(const FileDescriptor& directory, const std::string& name,
                            const std::filesystem::path& shown) {
  FileDescriptor file(::openat(directory.fd(), name.c_str(), kFileFlags));
  if (!file) {
    throw_errno("open", shown);
  }
  if (!S_ISREG(status_of(file, shown).st_mode)) {
    throw_error(EINVAL, "read as a file", shown);
  }
  return file;
}

/// Removes an entry that is not a directory; true if it is gone.
bool unlinked(const FileDescriptor& directory, const std::string& name,
              const std::filesystem::path& shown) {
  if (::unlinkat(directory.fd(), name.c_str(), 0) == 0 || errno == ENOENT) {
    return true;
  }
  if (errno != EISDIR && errno != EPERM) {  // EPERM: what POSIX says for a directory
    throw_errno("remove", shown);
  }
  return false;
}

}  // namespace

EntryKind kind_of(const FileDescriptor& directory, const std::string& name,
                  const std::filesystem::path& shown) {
  struct stat status {};
  if (::fstatat(directory.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) {
      return EntryKind::Absent;
    }
    throw_errno("look at", shown);
  }
  if (S_ISREG(status.st_mode)) {
    return EntryKind::File;
  }
  return S_ISDIR(status.st_mode) ? EntryKind::Directory : EntryKind::Other;
}

FileDescriptor open_directory(const std::filesystem::path& path) {
  FileDescriptor directory(::open(path.c_str(), kDirectoryFlags));
  if (!directory) {
    throw_errno("open directory", path);
  }
  return directory;
}

FileDescriptor open_directory_in(const FileDescriptor& directory, const std::string& name,
                                 const std::filesystem::path& shown) {
  FileDescriptor opened(::openat(directory.fd(), name.c_str(), kDirectoryFlags | O_NOFOLLOW));
  if (!opened) {
    throw_errno("open directory", shown);
  }
  return opened;
}

FileDescriptor open_file_below(const FileDescriptor& directory, const std::string& path,
                               const std::filesystem::path& shown) {
  const auto slash = path.find('/');
  if (slash == std::string::npos) {
    return open_file_in(directory, path, shown);
  }
  const auto folder = open_directory_in(directory, path.substr(0, slash), shown);
  return open_file_below(folder, path.substr(slash + 1), shown);
}

void make_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    throw_errno("make directory", path);
  }
}

std::vector<std::string> names_in(const FileDescriptor& directory,
                                  const std::filesystem::path& shown) {
  // Opened anew: a duplicate would share its reading position with `directory`.
  const int fd = ::openat(directory.fd(), ".", kDirectoryFlags);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(fd < 0 ? nullptr : ::fdopendir(fd), ::closedir);
  if (!listing) {
    throw_errno("list", shown);
  }
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(listing.get());  // NOLINT(concurrency-mt-unsafe): own stream
    if (!entry) {
      break;
    }
    const std::string name = &entry->d_name[0];
    if (name != "." && name != "..") {
      names.push_back(name);
    }
  }
  if (errno != 0) {
    throw_errno("list", shown);
  }
  std::ranges::sort(names);
  return names;
}

std::uint64_t size_of(const FileDescriptor& file, const std::filesystem::path& shown) {
  return static_cast<std::uint64_t>(status_of(file, shown).st_size);
}

std::string read_all(const FileDescriptor& file, std::uint64_t limit,
                     const std::filesystem::path& shown) {
  const std::uint64_t size = size_of(file, shown);
  if (size > limit) {
    throw_error(EFBIG, "read", shown);
  }
  return read_start(file, size, shown);
}

std::string read_start(const FileDescriptor& file, std::uint64_t size,
                       const std::filesystem::path& shown) {
  std::string text(size, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = ::read(file.fd(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno != EINTR) {
      throw_errno("read", shown);
    }
    if (got == 0) {
      break;
    }
    filled += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  text.resize(filled);
  return text;
}

void sync(const FileDescriptor& file, const std::filesystem::path& shown) {
  if (::fsync(file.fd()) != 0) {
    throw_errno("sync", shown);
  }
}

void sync_tree(const FileDescriptor& directory, const std::filesystem::path& shown) {
  for (const auto& name : names_in(directory, shown)) {
    const auto path = shown / name;
    if (kind_of(directory, name, path) == EntryKind::Directory) {
      sync_tree(open_directory_in(directory, name, path), path);
    } else {
      sync(open_file_in(directory, name, path), path);
    }
  }
  sync(directory, shown);
}

void remove_tree(const FileDescriptor& directory, const std::string& name,
                 const std::filesystem::path& shown) {
  if (unlinked(directory, name, shown)) {
    return;
  }
  const auto below = open_directory_in(directory, name, shown);
  for (const auto& entry : names_in(below, shown)) {
    remove_tree(below, entry, shown / entry);
  }
  if (::unlinkat(directory.fd(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    throw_errno("remove", shown);
  }
}

std::uint64_t bytes_below(const FileDescriptor& directory, const std::filesystem::path& shown) {
  std::uint64_t total = 0;
  for (const auto& name : names_in(directory, shown)) {
    const auto path = shown / name;
    switch (kind_of(directory, name, path)) {
      case EntryKind::Directory:
        total += bytes_below(open_directory_in(directory, name, path), path);
        break;
      case EntryKind::File:
        total += size_of(open_file_in(directory, name, path), path);
        break;
      default:
        break;
    }
  }
  return total;
}

void replace_file(const std::filesystem::path& folder, const std::string& name,
                  std::string_view text) {
  const auto path = folder / name;
  const auto fresh = folder / ("." + name + ".new");
  const FileDescriptor file(::open(
      fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) {
    throw_errno("open", fresh);
  }
  write_at(file.fd(), text, 0, fresh);
  sync(file, fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    throw_errno("rename", fresh);
  }
  sync(open_directory(folder), folder);
}

bool rename_in(const FileDescriptor& directory, const std::string& from, const std::string& to,
               const std::filesystem::path& shown) {
  return rename_into(directory, from, directory, to, shown);
}

bool rename_into(const FileDescriptor& directory, const std::string& from,
                 const FileDescriptor& target, const std::string& to,
                 const std::filesystem::path& shown) {
  int result = ::renameat2(directory.fd(), from.c_str(), target.fd(), to.c_str(), RENAME_NOREPLACE);
  if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
    // A file system without that flag.  Whoever renames here holds the store's lock.
    if (kind_of(target, to, shown) != EntryKind::Absent) {
      return false;
    }
    result = ::renameat(directory.fd(), from.c_str(), target.fd(), to.c_str());
  }
  if (result != 0 && errno == EEXIST) {
    return false;
  }
  if (result != 0) {
    throw_errno("rename to " + to, shown);
  }
  return true;
}

std::filesystem::path state_folder(const std::filesystem::path& root, const std::string& name) {
  return root / ".cofferdam" / name;
}

void make_state_folder(const std::filesystem::path& root, const std::string& name) {
  const auto folder = state_folder(root, name);
  if (std::filesystem::is_directory(std::filesystem::symlink_status(folder))) {
    return;
  }
  make_directory(folder.parent_path());
  make_directory(folder);
  sync(open_directory(root), root);
  sync(open_directory(folder.parent_path()), folder.parent_path());
}

}  // namespace controller
