// What we are about to do to the world, on disk before it is done, so that whoever starts next can
// bring it back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "controller/outage/rollback_point.h"
#include "controller/plan/capture_plan.h"

namespace controller {

/// The journal cannot be read or written.  Nothing may be stopped without it.
class JournalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Its file system has no room.
class JournalFull : public JournalError {
 public:
  using JournalError::JournalError;
};

/// An intent.  Which fields count depends on the kind.
struct Step {
  enum class Kind {
    Container,      // `stop` goes down, is paused, or has its restart policy held at "no"
    Draft,          // `subject`: snapshot name being written
    VolumeSwap,     // `subject`: volume name; `detail`: the directory that holds its live data
    VolumeCreated,  // `subject`: volume name, made by this job
    DatabaseSwap,   // `subject`: service; `detail`: database name
    // `subject`: volume name or path of a bind mount, replaced in place; `detail`: its Compose key
    VolumeReplacement,
    Drill,  // everything with the label cofferdam.job of this job; `subject`: snapshot
    Hook    // `subject`: service; `detail`: the hook, see controller/hooks/hook_step.h
  };

  std::int64_t id = 0;
  Kind kind = Kind::Draft;
  PlannedStop stop;
  std::string subject;
  std::string detail;
  // The earlier job whose kept state this one swaps in; empty: what it staged itself.
  std::string place = {};
};

struct JobRecord {
  std::string id;
  std::string kind;  // "create", "restore", "undo", "drill"
  std::string snapshot;
  std::string project;
  std::string started_at;
  std::string state;  // "running", then a Status or "interrupted"
  std::string note;
  bool past_commit = false;  // its effect counts: finish it, do not roll it back
};

/// One SQLite file; every write is on disk when the call returns.  Calls may come from several
/// threads.
class Journal {
 public:
  /// Creates the file and its folders if missing.  Throws JournalError.
  explicit Journal(const std::filesystem::path& file);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  /// Returns the new job's id, unique for ever: letters and digits.
  std::string begin(const std::string& kind, const std::string& snapshot,
                    const std::string& project);

  /// Returns the step's id.
  std::int64_t intend(const std::string& job, const Step& step);

  /// The step needs no undoing any more.
  void settle(std::int64_t step);

  /// From here on the job's effect stands, whatever happens to its process, and `point` (of this
  /// job; without items: none) is there and the one it consumed is not, all at once.
  void commit(const RollbackPoint& point, const std::string& consumed_point);

  /// Newest first.
  std::vector<RollbackPoint> points();

  /// What the `index`-th item of the job's point takes.
  void set_bytes(const std::string& job, std::size_t index, std::uint64_t bytes);

  /// The point cannot be gone back to from here on; forget_point() when its items are gone.
  void begin_drop(const std::string& job);
  void forget_point(const std::string& job);

  void finish(const std::string& job, const std::string& state, const std::string& note);

  /// Jobs that nobody finished, and finished ones of which a step is still open, oldest first.
  std::vector<JobRecord> open_jobs();

  /// The newest `limit` jobs, newest first.
  std::vector<JobRecord> jobs(int limit);

  /// Steps of the job that nobody settled, in the order they were intended.
  std::vector<Step> open_steps(const std::string& job);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
