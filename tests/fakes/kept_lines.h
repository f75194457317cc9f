// A reporter that keeps what it is told.
#pragma once

#include <string>
#include <vector>

#include "controller/reporter.h"

namespace fakes {

class KeptLines : public controller::Reporter {
 public:
  void phase(const std::string& text) override { phases.push_back(text); }
  void progress(const controller::ComponentProgress&) override {}
  void warning(const std::string& text) override { warnings.push_back(text); }

  std::vector<std::string> phases;
  std::vector<std::string> warnings;
};

}  // namespace fakes
