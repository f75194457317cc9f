#include "plugin/run_plugin.h"

int main(int argc, char** argv) {
  return plugin::run_plugin({argv + 1, argv + argc});
}
