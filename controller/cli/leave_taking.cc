#include "controller/cli/leave_taking.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <system_error>

#include "controller/cli/job_keeper.h"
#include "controller/clock.h"

namespace controller {

namespace {

using std::chrono::milliseconds;
namespace fs = std::filesystem;

// Docker gives ten seconds between SIGTERM and SIGKILL.
constexpr milliseconds kFarewell{7000};
constexpr milliseconds kPause{100};

/// A zombie has no program any more.
bool runs_our_program(pid_t process) {
  std::error_code ignored;
  const auto own = fs::read_symlink("/proc/self/exe", ignored);
  return fs::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored) == own;
}

/// Commands that `docker exec` started beside us: they would be killed with this container, so they
/// are asked to end cleanly before.  `except` have been asked.
std::set<pid_t> cancel_other_commands(const std::set<pid_t>& except) {
  std::set<pid_t> asked;
  if (getpid() != 1) {
    return asked;
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    int pid = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    const bool is_process = problem == std::errc() && end == name.data() + name.size();
    if (is_process && pid != 1 && !except.contains(pid) && runs_our_program(pid)) {
      kill(pid, SIGTERM);
      asked.insert(pid);
    }
  }
  return asked;
}

}  // namespace

void take_leave(Workplace& place, Reporter& reporter, std::set<pid_t> asked) {
  asked.merge(cancel_other_commands(asked));
  const auto deadline = std::chrono::steady_clock::now() + kFarewell;
  while (std::ranges::any_of(asked, runs_our_program) &&
         std::chrono::steady_clock::now() < deadline) {
    SystemClock().sleep(kPause);
  }
  while (!place.journal().open_jobs().empty()) {
    try {
      const auto lock = place.store().lock("serve: ending");
      tell(reporter, place.replay());
      return;
    } catch (const StoreLocked&) {
      if (std::chrono::steady_clock::now() >= deadline) {
        auto setting = place.setting();
        tell(reporter, bring_containers_back(setting));
        return;
      }
    }
    SystemClock().sleep(kPause);
  }
}

}  // namespace controller
