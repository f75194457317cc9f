// The hooks of one job: those before its work, and those after it, whatever becomes of it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/hooks/run_hooks.h"
#include "controller/outage/journal.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// A hook before the work failed, so the work must not be done.
class HookFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What must run at the end is in the journal from the beginning, and leaves it when it has run: a
/// death of the process, or an object that is destroyed before its time, leaves it to the replay.
/// A hook may therefore run twice, but never not at all.
class JobHooks {
 public:
  /// Writes those that do not come before the work to the journal, as steps of `facts.job`.
  JobHooks(HookTools tools, Journal& journal, HookFacts facts, std::vector<PlannedHook> hooks);
  JobHooks(const JobHooks&) = delete;
  JobHooks& operator=(const JobHooks&) = delete;

  /// Runs those that come before the work.  Throws HookFailed at the first failure that counts,
  /// Interrupted after a stop request.
  void before(const std::stop_token& stop);

  /// Runs those that come after the work, once everything runs again; only their own time-outs end
  /// them.  `reason` is why the status is not success.  Returns the failures that count, a sentence
  /// each.
  std::vector<std::string> after(Status status, const std::string& reason);

  /// The work failed, and was undone: runs those that come after it, unless after() has, then those
  /// of on-failure.  SQL is left out: what it is meant for is not there.
  void after_failure(Status status, const std::string& reason) noexcept;

  /// The same if the work is done again, by another job: those of on-failure are not wanted, nor
  /// those that come after it unless before() was reached.
  void before_another_attempt(const std::string& reason) noexcept;

  /// The job's effect stands: those of on-failure are not wanted any more.
  void succeeded();

 private:
  struct Pending {
    PlannedHook hook;
    std::int64_t step = 0;
  };

  template <typename Condition>
  std::vector<Pending> take(Condition condition);
  std::vector<std::string> run(const std::vector<Pending>& due);
  void settle(const std::vector<Pending>& due);
  void wind_up(Status status, const std::string& reason);

  HookTools tools_;
  Journal& journal_;
  HookFacts facts_;
  std::vector<PlannedHook> before_;
  std::vector<Pending> pending_;  // after the work, and on its failure
  bool begun_ = false;            // before() was reached
};

}  // namespace controller
