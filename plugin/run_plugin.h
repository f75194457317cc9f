// `docker backup`: finds a stack's sidecar and runs the command in it.
#pragma once

#include <string>
#include <vector>

namespace plugin {

/// What `docker-cli-plugin-metadata` asks for: JSON.
std::string metadata();

/// `arguments` are those of the process, without its name.  Returns the exit code where the
/// process does not become the docker CLI.
int run_plugin(const std::vector<std::string>& arguments);

}  // namespace plugin
