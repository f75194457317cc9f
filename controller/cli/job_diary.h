// A command's own record in the job book.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "controller/cli/exit_code.h"
#include "controller/cli/settings.h"
#include "controller/jobs/job_book.h"
#include "controller/reporter.h"

namespace controller {

/// Where the book of these settings is: beside the journal.
std::filesystem::path job_book_file(const Settings& settings);

/// Keeps what a job tells.  A book that cannot be written never changes what the command does: that
/// it is so is said once, on stderr.
class JobDiary : public Reporter {
 public:
  /// `kind` is the command, `words` all of its command line.
  JobDiary(const Settings& settings, const std::string& kind, const std::string& words);

  void phase(const std::string& text) override;
  void progress(const ComponentProgress& progress) override;
  void warning(const std::string& text) override;
  void output(const std::string& source, const std::string& line) override;

  /// Empty where the book cannot be written.
  [[nodiscard]] const std::string& job() const { return job_; }
  [[nodiscard]] const std::string& started_by() const { return started_by_; }
  /// It waits for its turn from now on; whoever started it is told its id, which is accepted.
  void queue();

  /// Nobody has waited longer.
  bool is_next();

  /// It works from now on; whoever started it is told its id unless it knows it.
  void begin_work();

  /// The newest jobs, newest first; none where the book cannot be read.
  std::vector<Job> newest_jobs();

  /// `error`: why it failed, empty if it did not.
  void end(ExitCode code, const std::string& error);

 private:
  void set_state(JobState state);
  void write(JobLineKind kind, const std::string& text);
  template <typename Work>
  void attempt(Work work);

  std::mutex mutex_;
  std::unique_ptr<JobBook> book_;  // empty if it could not be opened
  bool complained_ = false;
  std::string job_;
  std::string started_by_;
  JobState state_ = JobState::Running;
  bool accepted_ = false;
  std::map<std::string, std::chrono::steady_clock::time_point> written_;  // components
};

}  // namespace controller
