// Opening by name relative to a directory, never leaving it and never following a link.
#pragma once

#include <sys/types.h>

#include <string>

#include "controller/archive/file_descriptor.h"

namespace controller {

/// Opens `name`, one component, in the directory `directory`: no symbolic link is followed, nothing
/// outside is reached.  O_CLOEXEC and O_NOFOLLOW are added to `flags`.  Empty with errno set if
/// that fails.
FileDescriptor open_beneath(int directory, const char* name, int flags, mode_t mode = 0);

/// A path by which calls that know no descriptor (llistxattr, lsetxattr) reach `name` in
/// `directory`, however deep that is.
std::string path_beneath(int directory, const std::string& name);

}  // namespace controller
