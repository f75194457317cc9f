// Shell completion, made from the parser's own table of commands.
#pragma once

#include <functional>
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

/// What may stand in place of the last of `typed`, which is being typed, as the docker CLI wants to
/// read it: one a line, commands with their help behind a tab, and last that no file is meant.
/// Asks for the names of snapshots only where one may stand.
std::string offered_words(const std::vector<CompletedCommand>& commands,
                          const std::vector<std::string>& typed,
                          const std::function<std::vector<std::string>()>& snapshots);

}  // namespace controller
