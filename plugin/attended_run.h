// A command without a terminal, which then makes no signal of a Ctrl-C in the container.
#pragma once

#include <string>
#include <vector>

namespace plugin {

/// How often a command has to be interrupted, of what was heard so far.  One Ctrl-C may be heard
/// twice: as a signal, and because the docker CLI closes the socket that it gave its plugin.
class Interrupts {
 public:
  void heard_signal() { ++signals_; }
  void heard_farewell() { farewell_ = true; }

  /// How many more than were taken before.
  int take();

 private:
  int signals_ = 0;
  bool farewell_ = false;
  int taken_ = 0;
};

/// Runs `line` with our output and waits for it.  SIGINT, SIGTERM and the end of the connection to
/// `farewell_socket` (empty: there is none) do not reach it; it reads a byte ETX from its stdin for
/// each, as if Ctrl-C had been typed.  After SIGHUP it goes on alone.  Returns its exit code.
/// Throws std::system_error if it cannot be run.
int attended_run(std::vector<std::string> line, const std::string& farewell_socket);

}  // namespace plugin
