// Names in an archive and the paths they mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace controller {

/// The path below the root that the name of an entry means; empty for the root ("./").  Absent for
/// a name that is absolute, has "..", "." or empty components, is too long, or ends in '/' and is
/// no directory's: every path has one name only, so that none can stand for another.
std::optional<std::string> path_from_name(std::string_view name, bool directory);

/// For messages: what is not printable ASCII as \xNN, long names cut.
std::string quoted_entry(std::string_view name);

}  // namespace controller
