#include "controller/cli/program.h"

int main(int argc, char** argv) {
  return controller::run_program(argc, argv);
}
