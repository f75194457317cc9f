// What a failed system call becomes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace controller {

/// Throws NoSpace if errno says that there is no room (ENOSPC, EDQUOT), else std::system_error:
/// "cannot <what> <path>: <reason>".  Reads errno first.
[[noreturn]] void throw_errno(const std::string& what, const std::string& path);

/// The same for an error number that was kept.
[[noreturn]] void throw_error(int error, const std::string& what, const std::string& path);

/// Writes all of `bytes` at `offset`, or throws as above.
void write_at(int fd, std::string_view bytes, std::uint64_t offset, const std::string& path);

}  // namespace controller
