#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "controller/archive/file_descriptor.h"
#include "controller/cli/commands.h"
#include "controller/cli/job_diary.h"
#include "controller/cli/job_views.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

constexpr int kShown = 20;
constexpr int kAll = 1'000'000;
// The end of a killed process is written nowhere: its lock is looked at this often, in
// milliseconds.
constexpr int kLook = 1000;

Job known_job(JobBook& book, const std::string& id) {
  auto job = book.find(id);
  if (!job) {
    throw NoSuchSnapshot("there is no job " + id + "; see `cofferdam jobs`");
  }
  return *job;
}

/// Writes to the book, by whichever process.
class BookChanges {
 public:
  explicit BookChanges(const std::filesystem::path& book)
      : watch_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!watch_ || ::inotify_add_watch(watch_.fd(), book.parent_path().c_str(), IN_MODIFY) < 0) {
      throw std::system_error(errno, std::generic_category(),
                              "cannot watch " + book.parent_path().string());
    }
  }

  /// Until there is one, but not for long.
  void wait() {
    pollfd one{watch_.fd(), POLLIN, 0};
    ::poll(&one, 1, kLook);
    std::array<char, 4096> ignored{};
    while (::read(watch_.fd(), ignored.data(), ignored.size()) > 0) {
    }
  }

 private:
  FileDescriptor watch_;
};

/// Prints what is new; the number of the last line.
std::int64_t print_lines(JobBook& book, const std::string& job, std::int64_t after, bool json) {
  for (const auto& line : book.lines(job, after)) {
    print(json ? job_line_json(line) : job_line_text(line));
    after = line.number;
  }
  return after;
}

}  // namespace

ExitCode run_jobs(const CommandContext& context, bool all) {
  JobBook book(job_book_file(context.settings));
  const auto jobs = book.jobs(all ? kAll : kShown);
  print(context.output.json ? jobs_json(jobs) : jobs_text(jobs));
  return ExitCode::Success;
}

ExitCode run_logs(const CommandContext& context, const std::string& job, bool follow) {
  const auto file = job_book_file(context.settings);
  JobBook book(file);
  known_job(book, job);
  BookChanges changes(file);
  std::int64_t last = 0;
  for (;;) {
    // Looked at before its lines are: what it wrote before its end is printed.
    const bool runs = known_job(book, job).state == JobState::Running;
    last = print_lines(book, job, last, context.output.json);
    if (!follow || !runs || context.stop.stop_requested()) {
      return ExitCode::Success;
    }
    changes.wait();
  }
}

ExitCode run_cancel(const CommandContext& context, const std::string& job) {
  const auto file = job_book_file(context.settings);
  JobBook book(file);
  const auto known = known_job(book, job);
  BookChanges changes(file);
  const auto process = book.process(job);
  if (!process) {
    throw Refusal("job " + job + " does not run; it is " + to_string(known.state));
  }
  if (*process == 0) {
    throw Refusal("job " + job + " runs in another container; cancel it there");
  }
  if (::kill(*process, SIGTERM) != 0 && errno != ESRCH) {
    throw std::system_error(errno, std::generic_category(), "cannot end job " + job);
  }
  complain("asked job " + job + " to end");
  while (book.process(job) && !context.stop.stop_requested()) {
    changes.wait();
  }
  const auto ended = known_job(book, job);
  print("job " + job + ": " + to_string(ended.state) + "\n");
  return ended.state == JobState::Running ? ExitCode::Cancelled : ExitCode::Success;
}

}  // namespace controller
