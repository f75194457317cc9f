// File names for volumes, whatever their keys are.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace controller {

/// For each key a name of letters, digits, '.', '-' and '_' that begins with none of '.' and '-',
/// no two alike even where letter case does not count.  A key that is such a name keeps it.
std::map<std::string, std::string> artifact_names(const std::vector<std::string>& keys);

}  // namespace controller
