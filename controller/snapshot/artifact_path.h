// Where a snapshot's files may lie: below its directory and nowhere else.
#pragma once

#include <string_view>

namespace controller {

/// True for "a", "a/b", …: relative, with no empty, "." or ".." component, no NUL, at most 1024
/// bytes.
bool valid_artifact_path(std::string_view path);

}  // namespace controller
