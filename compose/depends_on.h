// The label in which Compose keeps a service's depends_on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compose/stack.h"

namespace compose {

/// Reads "db:service_healthy:true,cache:service_started:false".  Old forms, as Compose reads them:
/// "db" and "db:service_started" mean running_or_healthy (or what is said) with restart: true.
/// What cannot be understood is taken for the old form and described in `odd`.
struct DependsOn {
  std::vector<Dependency> dependencies;  // from `from`
  std::vector<std::string> odd;
};
DependsOn parse_depends_on(const std::string& from, std::string_view label);

}  // namespace compose
