// The test program, which `serve` starts once more as if it were a job's process: JobProcess runs
// /proc/self/exe.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include "controller/cli/handed_job.h"

namespace controller {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

int say_what_was_given() {
  std::cerr << variable("SAID") << " by " << variable("COFFERDAM_STARTED_BY") << std::flush;
  return 42;
}

int end_when_asked_to() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const auto text = to_message(JobNotice{"job-1", "running", {}, {}}) + "\n";
  if (::write(kNoticesFd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return 1;
  }
  int signal = 0;
  sigwait(&set, &signal);
  std::cerr << "ended" << std::flush;
  return 130;
}

}  // namespace
}  // namespace controller

int main(int argc, char** argv) {
  const std::string word = argc == 2 ? argv[1] : "";
  if (word == "say-what-was-given") {
    return controller::say_what_was_given();
  }
  if (word == "end-when-asked-to") {
    return controller::end_when_asked_to();
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
