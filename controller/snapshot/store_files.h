// The system calls of a store, by directory descriptor and never through a symbolic link.
//
// All of them throw NoSpace or std::system_error that says what was tried on which path; `shown` is
// that path.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "controller/archive/file_descriptor.h"

namespace controller {

enum class EntryKind { Absent, File, Directory, Other };

/// What `name` in `directory` is; a symbolic link is Other, whatever it leads to.
EntryKind kind_of(const FileDescriptor& directory, const std::string& name,
                  const std::filesystem::path& shown);

/// A directory by its path, which may lead over links: it is the operator's.
FileDescriptor open_directory(const std::filesystem::path& path);

/// A directory in another one.
FileDescriptor open_directory_in(const FileDescriptor& directory, const std::string& name,
                                 const std::filesystem::path& shown);

/// A regular file to read, found component by component from `directory`.
FileDescriptor open_file_below(const FileDescriptor& directory, const std::string& path,
                               const std::filesystem::path& shown);

/// Makes one directory, 0700; one that exists is good too.
void make_directory(const std::filesystem::path& path);

/// Names in a directory without "." and "..", sorted.
std::vector<std::string> names_in(const FileDescriptor& directory,
                                  const std::filesystem::path& shown);

std::uint64_t size_of(const FileDescriptor& file, const std::filesystem::path& shown);

/// The whole of a file that must not be larger than `limit`.
std::string read_all(const FileDescriptor& file, std::uint64_t limit,
                     const std::filesystem::path& shown);

/// The first bytes of a file, `size` of them unless it is shorter.
std::string read_start(const FileDescriptor& file, std::uint64_t size,
                       const std::filesystem::path& shown);

void sync(const FileDescriptor& file, const std::filesystem::path& shown);

/// Syncs every file and directory below and the directory itself.  Throws also for what is neither.
void sync_tree(const FileDescriptor& directory, const std::filesystem::path& shown);

/// Removes `name` and all that is below it.  Something that vanishes meanwhile is no error.
void remove_tree(const FileDescriptor& directory, const std::string& name,
                 const std::filesystem::path& shown);

/// Sizes of all files below.
std::uint64_t bytes_below(const FileDescriptor& directory, const std::filesystem::path& shown);

/// Writes `name` in `folder` in one step, 0600: what it was, or all of `text`.  On the disk when
/// the call returns.
void replace_file(const std::filesystem::path& folder, const std::string& name,
                  std::string_view text);

/// Renames within one directory; what has the new name already is never replaced: then false.
bool rename_in(const FileDescriptor& directory, const std::string& from, const std::string& to,
               const std::filesystem::path& shown);

/// As rename_in(), into another directory of the same file system.
bool rename_into(const FileDescriptor& directory, const std::string& from,
                 const FileDescriptor& target, const std::string& to,
                 const std::filesystem::path& shown);

/// Where what is known about snapshots lies: <root>/.cofferdam/NAME.
std::filesystem::path state_folder(const std::filesystem::path& root, const std::string& name);

/// Makes that folder and syncs it into those above, unless it is there.
void make_state_folder(const std::filesystem::path& root, const std::string& name);

}  // namespace controller
