// System calls of the code under test that fail, or that are its last.
//
// The test executable is linked with --wrap for each of them, so the code under test is what is
// shipped.  Nothing happens unless armed.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace controller {

/// One call that changes what is on the disk, and the path it was about.
struct DiskCall {
  std::string name;  // "create", "mkdir", "write", "fsync", "rename", "unlink"
  std::string path;
};

enum class Fault {
  KillBefore,  // the process dies instead of the call
  KillAfter,   // the call happens, then the process dies
  NoSpace,     // the call fails with ENOSPC
  Broken,      // the call fails with EIO
};

/// Runs `action` in another process, which dies at the n-th call.  False if it had fewer calls than
/// that and came to its end.
bool dies_at(int n, Fault fault, const std::function<void()>& action);

/// Lets the n-th call of `action` fail.  False if it had fewer calls.  Passes on what it throws.
bool fails_at(int n, Fault fault, const std::function<void()>& action);

/// Lets every call of that name fail with `error` during `action`.
void fails_always(const std::string& name, int error, const std::function<void()>& action);

/// The calls that `action` makes.
std::vector<DiskCall> calls_of(const std::function<void()>& action);

}  // namespace controller
