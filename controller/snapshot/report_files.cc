#include "controller/snapshot/report_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "controller/archive/system_call.h"
#include "controller/snapshot/store_files.h"

namespace controller {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".jsonl";
constexpr std::uint64_t kLargest = 64U << 20U;

fs::path folder_of(const fs::path& root) {
  return state_folder(root, "reports");
}

fs::path path_of(const fs::path& root, const std::string& snapshot) {
  return folder_of(root) / (snapshot + std::string(kExtension));
}

/// The file, made if missing and locked until it is closed: its last line must not change between
/// its reading and the writing of the next.
FileDescriptor open_to_append(const fs::path& path) {
  FileDescriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file || ::flock(file.fd(), LOCK_EX) != 0) {
    throw_errno("open", path);
  }
  return file;
}

void cut(const FileDescriptor& file, std::uint64_t size, const fs::path& path) {
  if (::ftruncate(file.fd(), static_cast<off_t>(size)) != 0) {
    throw_errno("shorten", path);
  }
}

}  // namespace

void append_report(const fs::path& root, const CheckReport& report,
                   const std::string& manifest_digest) {
  make_state_folder(root, "reports");
  const auto path = path_of(root, report.snapshot);
  const auto file = open_to_append(path);
  const std::string text = read_all(file, kLargest, path);
  const auto whole = whole_lines(text);
  try {
    cut(file, whole.size(), path);
    write_at(file.fd(), report_line(report, last_digest(whole, manifest_digest)) + "\n",
             whole.size(), path);
    sync(file, path);
  } catch (...) {
    [[maybe_unused]] const int result = ::ftruncate(file.fd(), static_cast<off_t>(whole.size()));
    throw;
  }
  sync(open_directory(path.parent_path()), path.parent_path());
}

ReportChain read_reports(const fs::path& root, const std::string& snapshot,
                         const std::string& manifest_digest) {
  const auto path = path_of(root, snapshot);
  try {
    const auto folder = open_directory(path.parent_path());
    return read_report_lines(
        read_all(open_file_below(folder, path.filename(), path), kLargest, path), manifest_digest);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_such_file_or_directory) {
      return {};
    }
    return {{}, error.what()};
  }
}

void remove_reports(const fs::path& root, const std::string& snapshot) {
  const auto path = path_of(root, snapshot);
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) {
      return;
    }
    throw_errno("remove", path);
  }
  sync(open_directory(path.parent_path()), path.parent_path());
}

void sweep_reports(const fs::path& root) {
  const auto folder = folder_of(root);
  if (!fs::is_directory(fs::symlink_status(folder))) {
    return;
  }
  const auto store = open_directory(root);
  for (const auto& name : names_in(open_directory(folder), folder)) {
    if (!name.ends_with(kExtension)) {
      continue;
    }
    const auto snapshot = name.substr(0, name.size() - kExtension.size());
    if (kind_of(store, snapshot, root / snapshot) == EntryKind::Absent) {
      remove_reports(root, snapshot);
    }
  }
}

}  // namespace controller
