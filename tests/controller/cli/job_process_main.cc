// The test program, which `serve` starts once more as if it were a job's process: JobProcess runs
// /proc/self/exe.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
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

int complain() {
  std::cerr << "cofferdam: ";
  return say_what_was_given();
}

bool say_accepted() {
  const auto text = to_message(JobNotice{"job-1", "running", {}, {}}) + "\n";
  return ::write(kNoticesFd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

int end_when_asked_to() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  if (!say_accepted()) {
    return 1;
  }
  int signal = 0;
  sigwait(&set, &signal);
  std::cerr << "ended" << std::flush;
  return 130;
}

/// Goes on for as long as somebody holds the file.
int work_until_let_go(const char* file) {
  const bool is_job = !variable("COFFERDAM_NOTICES").empty();
  const int gate = ::open(file, O_RDONLY | O_CLOEXEC);
  if ((is_job && !say_accepted()) || gate < 0 || ::flock(gate, LOCK_SH) != 0) {
    return 1;
  }
  std::cout << "let go" << std::flush;
  return 0;
}

}  // namespace
}  // namespace controller

int main(int argc, char** argv) {
  const std::string word = argc > 1 ? argv[1] : "";
  if (word == "say-what-was-given") {
    return controller::say_what_was_given();
  }
  if (word == "complain") {
    return controller::complain();
  }
  if (word == "end-when-asked-to") {
    return controller::end_when_asked_to();
  }
  if (word == "work-until-let-go") {
    return controller::work_until_let_go(argv[2]);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
