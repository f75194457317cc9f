// What a tree is, to the attribute: an independent look at it, for comparison.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace controller {

/// Path (relative; "." is the root) to all that an archive must keep of it: type, mode, owner,
/// size, time, device, target, extended attributes, a hash of the content, the first name of the
/// same file, and whether holes are holes.  Any length of path.
using TreeFingerprint = std::map<std::string, std::string>;

TreeFingerprint fingerprint(const std::filesystem::path& root);

/// The differences, one per line; empty if there are none.
std::string difference(const TreeFingerprint& expected, const TreeFingerprint& actual);

}  // namespace controller
