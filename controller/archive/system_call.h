// What a failed system call becomes.
#pragma once

#include <string>

namespace controller {

/// Throws NoSpace if errno says that there is no room (ENOSPC, EDQUOT), else std::system_error:
/// "cannot <what> <path>: <reason>".  Reads errno first.
[[noreturn]] void throw_errno(const std::string& what, const std::string& path);

/// The same for an error number that was kept.
[[noreturn]] void throw_error(int error, const std::string& what, const std::string& path);

}  // namespace controller
