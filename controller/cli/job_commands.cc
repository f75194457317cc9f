#include <cerrno>
#include <csignal>
#include <system_error>

#include "controller/cli/book_changes.h"
#include "controller/cli/commands.h"
#include "controller/cli/job_diary.h"
#include "controller/cli/job_views.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

constexpr int kShown = 20;
constexpr int kAll = 1'000'000;

Job known_job(JobBook& book, const std::string& id) {
  auto job = book.find(id);
  if (!job) {
    throw NoSuchSnapshot("there is no job " + id + "; see `cofferdam jobs`");
  }
  return *job;
}

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
    const bool runs = is_open(known_job(book, job).state);
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
  return is_open(ended.state) ? ExitCode::Cancelled : ExitCode::Success;
}

}  // namespace controller
