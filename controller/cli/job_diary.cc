#include "controller/cli/job_diary.h"

#include "controller/cli/output.h"

namespace controller {

namespace {

JobState state_after(ExitCode code) {
  switch (code) {
    case ExitCode::Success:
      return JobState::Success;
    case ExitCode::Degraded:
      return JobState::Degraded;
    case ExitCode::Cancelled:
      return JobState::Cancelled;
    default:
      return JobState::Failed;
  }
}

}  // namespace

std::filesystem::path job_book_file(const Settings& settings) {
  return settings.state.parent_path() / "jobs.db";
}

template <typename Work>
void JobDiary::attempt(Work work) {
  try {
    work();
  } catch (const JobBookError& error) {
    book_.reset();
    complain(std::string("cofferdam: this job's log is not kept: ") + error.what());
  }
}

JobDiary::JobDiary(const Settings& settings, const std::string& kind, const std::string& words) {
  std::error_code ignored;
  if (!std::filesystem::exists(job_book_file(settings).parent_path().parent_path(), ignored)) {
    return;  // the command itself complains of a store that is not there
  }
  attempt([&] {
    book_ = std::make_unique<JobBook>(job_book_file(settings));
    job_ = book_->begin(kind, words, "cli");
  });
}

void JobDiary::write(JobLineKind kind, const std::string& text) {
  const std::scoped_lock lock(mutex_);
  if (book_) {
    attempt([&] { book_->add_line(job_, kind, text); });
  }
}

void JobDiary::phase(const std::string& text) {
  write(JobLineKind::Phase, text);
}

void JobDiary::progress(const ComponentProgress&) {}

void JobDiary::warning(const std::string& text) {
  write(JobLineKind::Warning, text);
}

void JobDiary::output(const std::string& source, const std::string& line) {
  write(JobLineKind::Output, source + ": " + line);
}

void JobDiary::end(ExitCode code, const std::string& error) {
  if (!error.empty()) {
    write(JobLineKind::Error, error);
  }
  const std::scoped_lock lock(mutex_);
  if (book_) {
    attempt([&] { book_->finish(job_, state_after(code), static_cast<int>(code), error); });
  }
}

}  // namespace controller
