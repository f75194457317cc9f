#include "controller/cli/job_diary.h"

#include <unistd.h>

#include "controller/cli/handed_job.h"
#include "controller/cli/output.h"

namespace controller {

namespace {

// Between two notes of one component's progress.
constexpr std::chrono::seconds kProgressInterval{1};

/// Tells the process that started us, if it wants to know.
void notify(const JobNotice& notice) {
  if (!process_environment()("COFFERDAM_NOTICES")) {
    return;
  }
  const auto text = to_message(notice) + "\n";
  // Nothing depends on it that this process could do better if it fails.
  [[maybe_unused]] const auto written = ::write(kNoticesFd, text.data(), text.size());
}

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
    // The book stays open, and with it the lock that says that this job is alive.
    if (!complained_) {
      complained_ = true;
      complain(std::string("cofferdam: this job's log is not kept: ") + error.what());
    }
  }
}

JobDiary::JobDiary(const Settings& settings, const std::string& kind, const std::string& words)
    : started_by_(process_environment()("COFFERDAM_STARTED_BY").value_or("cli")) {
  std::error_code ignored;
  if (!std::filesystem::exists(job_book_file(settings).parent_path().parent_path(), ignored)) {
    return;  // the command itself complains of a store that is not there
  }
  attempt([&] {
    book_ = std::make_unique<JobBook>(job_book_file(settings));
    job_ = book_->begin(kind, words, started_by_);
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

void JobDiary::progress(const ComponentProgress& progress) {
  const std::scoped_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const auto [known, is_first] = written_.try_emplace(progress.component, now);
  if (!book_ || (!is_first && !progress.finished && now - known->second < kProgressInterval)) {
    return;
  }
  known->second = now;
  attempt([&] { book_->put_progress(job_, progress); });
}

void JobDiary::set_state(JobState state) {
  if (book_ && state != state_) {
    attempt([&] { book_->set_state(job_, state); });
  }
  state_ = state;
  if (!accepted_) {
    accepted_ = true;
    notify({job_, to_string(state), {}, {}});
  }
}

void JobDiary::queue() {
  const std::scoped_lock lock(mutex_);
  set_state(JobState::Queued);
}

bool JobDiary::is_next() {
  const std::scoped_lock lock(mutex_);
  std::string first = job_;
  if (book_) {
    attempt([&] { first = book_->first_queued().value_or(job_); });
  }
  return first == job_;
}

void JobDiary::begin_work() {
  const std::scoped_lock lock(mutex_);
  set_state(JobState::Running);
}

void JobDiary::warning(const std::string& text) {
  write(JobLineKind::Warning, text);
}

void JobDiary::output(const std::string& source, const std::string& line) {
  write(JobLineKind::Output, source + ": " + line);
}

std::vector<Job> JobDiary::newest_jobs() {
  constexpr int kMost = 1000;  // all that the book keeps
  const std::scoped_lock lock(mutex_);
  std::vector<Job> jobs;
  if (book_) {
    attempt([&] { jobs = book_->jobs(kMost); });
  }
  return jobs;
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
