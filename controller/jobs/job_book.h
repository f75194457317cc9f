// What was done here, for people to look at: a record of every command that does work, with its
// log. Nothing that must be undone depends on it: that is the journal's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "controller/reporter.h"

namespace controller {

/// The book cannot be read or written.
class JobBookError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Queued: waits for its turn to work in the store.  Interrupted: the process ended without a word,
/// killed or in a power cut.
enum class JobState { Queued, Running, Success, Degraded, Failed, Cancelled, Interrupted };

/// "queued", "running", ...
std::string to_string(JobState state);

/// It has not come to its end yet.
bool is_open(JobState state);

struct Job {
  std::string id;           // letters and digits, unique for ever
  std::string kind;         // the command: "create", "restore"
  std::string command;      // with its words, fit for a shell
  std::string started_by;   // "cli", "schedule nightly"
  std::string started_at;   // RFC 3339
  std::string finished_at;  // empty while it runs, and if it was interrupted
  JobState state = JobState::Running;
  int exit_code = 0;                          // once it is finished
  std::string message;                        // why it failed
  std::string phase;                          // the last that it told; empty: none yet
  std::vector<ComponentProgress> components;  // how far each has come, in the order they began
};

enum class JobLineKind { Phase, Warning, Output, Error };

/// "phase", "warning", "output", "error".
std::string to_string(JobLineKind kind);

struct JobLine {
  std::int64_t number = 0;  // grows within the job
  std::string time;         // RFC 3339
  JobLineKind kind = JobLineKind::Phase;
  std::string text;
};

/// One SQLite file with a file of locks beside it.  Not synced at each line: after a power cut the
/// last lines may be missing.  Calls may come from several threads; all throw JobBookError.
class JobBook {
 public:
  /// Creates the file and its folder if missing, but not the store that this is in.
  explicit JobBook(const std::filesystem::path& file);
  JobBook(const JobBook&) = delete;
  JobBook& operator=(const JobBook&) = delete;
  ~JobBook();

  /// Returns the new job's id.  It runs until finish(), or until this book is closed, as it is when
  /// the process dies.  Forgets the oldest jobs where there are very many.
  std::string begin(const std::string& kind, const std::string& command,
                    const std::string& started_by);

  void add_line(const std::string& job, JobLineKind kind, const std::string& text);

  /// Lets a job that has not finished wait, or work again.
  void set_state(const std::string& job, JobState state);

  /// Takes the place of what was known of that component.
  void put_progress(const std::string& job, const ComponentProgress& progress);

  void finish(const std::string& job, JobState state, int exit_code, const std::string& message);

  /// The newest `limit`, newest first.
  std::vector<Job> jobs(int limit);

  /// Absent if there is no such job.
  std::optional<Job> find(const std::string& id);

  /// Lines with a number above `after`, in order.
  std::vector<JobLine> lines(const std::string& job, std::int64_t after);

  /// Another one than before whenever somebody wrote to the book, whoever it was.  That a process
  /// died does not count.
  std::string revision();

  /// The id of the job that has been waiting longest.
  std::optional<std::string> first_queued();

  /// The process that does a job that is open.  Absent if it does not run any more; 0 if it runs
  /// where its number means nothing here, in another container.
  std::optional<int> process(const std::string& job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
