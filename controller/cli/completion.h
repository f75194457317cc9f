// Shell completion, made from the parser's own table of commands.
#pragma once

#include <string>
#include <vector>

namespace controller {

struct CompletedCommand {
  std::string name;
  std::string help;
  std::vector<std::string> options;  // "--services", "--yes"
  bool takes_snapshot = false;       // its argument is the name of a snapshot
};

/// A script for "bash", "zsh" or "fish".  Names of snapshots are completed by asking `cofferdam
/// list -q`.
std::string completion_script(const std::string& shell,
                              const std::vector<CompletedCommand>& commands);

}  // namespace controller
