#include "controller/cli/confirmation.h"

#include <unistd.h>

#include <iostream>

#include "controller/cli/exit_code.h"

namespace controller {

void confirm(const std::string& question, const std::string& flag) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
    throw Refusal("this needs a yes, and there is no terminal to ask on; add " + flag);
  }
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "Y" && answer != "yes") {
    throw Refusal("not done: the answer was not yes");
  }
}

}  // namespace controller
