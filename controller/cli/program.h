// The command line: words in, an exit code out.
#pragma once

namespace controller {

int run_program(int argc, char** argv);

}  // namespace controller
