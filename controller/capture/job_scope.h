// A job in the journal, from its beginning to its one end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/outage/journal.h"

namespace controller {

/// What becomes of a job that does not come to its end.
/// Close: who holds its steps has undone them, and it is recorded as failed; steps of containers
/// that are still down stay open.  LeaveToReplay: it stays open, and the replay makes sure that
/// they are undone.  A command that failed replays before it lets go of the store's lock, so an
/// open job outlives it only if it was killed or the engine is away.  The scope cannot close it:
/// whether a swap that gave no answer happened is found out by looking, which is what the replay
/// does.
enum class OnFailure { Close, LeaveToReplay };

class JobScope {
 public:
  JobScope(Journal& journal, const std::string& kind, const std::string& snapshot,
           const std::string& project, OnFailure on_failure);
  JobScope(const JobScope&) = delete;
  JobScope& operator=(const JobScope&) = delete;
  ~JobScope();

  [[nodiscard]] const std::string& id() const { return id_; }

  /// Writes an intent that finish() and the destructor settle: whoever holds it undoes it before.
  void intend(const Step& step);

  void finish(const std::string& state);

 private:
  void settle_all();

  Journal& journal_;
  OnFailure on_failure_;
  std::string id_;
  std::vector<std::int64_t> steps_;
  bool finished_ = false;
};

}  // namespace controller
