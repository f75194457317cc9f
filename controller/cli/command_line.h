// The command line, taken apart.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controller/cli/commands.h"
#include "controller/cli/completion.h"

namespace controller {

/// The words of one call, filled in by the parser.
struct Words {
  bool json = false;
  bool quiet = false;
  bool all = false;
  std::vector<std::string> services;
  std::vector<std::string> names;
  std::string name;
  std::string shell;
  std::string role;
  std::string destination;
  bool remote = false;
  CopyWords copy;
  CreateWords create;
  RestoreWords restore;
  UndoWords undo;
  CommitWords commit;
  DrillWords drill;
  std::string job;
  bool follow = false;
  PruneWords prune;
  ScheduleWords schedule;
  TokenWords token;
  bool yes = false;
  bool queue = false;
  bool detach = false;
  std::string folder = "/plugins";
};

/// What a command does.
using Action = std::function<ExitCode(const CommandContext&, const Words&)>;

struct CommandLine {
  std::string command;            // "schedule run"
  std::vector<std::string> line;  // all words, as they were given
  Words words;
  Action action;
};

/// Prints what may follow the words of a command line, and returns the exit code.
using Offer =
    std::function<int(const std::vector<CompletedCommand>&, const std::vector<std::string>&)>;

/// Takes it apart and has it carried out by `run`, or by `offer` if the docker CLI asks how the
/// words go on.  Help, and what is wrong with it, is printed here.  Returns the exit code.
int with_command_line(int argc, char** argv, const std::function<int(const CommandLine&)>& run,
                      const Offer& offer);

}  // namespace controller
