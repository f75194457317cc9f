// Tells people and monitors of a command's own job.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "controller/cli/exit_code.h"
#include "controller/cli/job_facts.h"
#include "controller/cli/notify_settings.h"
#include "controller/jobs/job_book.h"
#include "controller/notify/outbox.h"

namespace controller {

/// Where the outbox of these settings is: beside the journal.
std::filesystem::path outbox_file(const Settings& settings);

/// Absent where there is no store to keep it in.  Throws OutboxError.
std::unique_ptr<Outbox> open_outbox(const Settings& settings);

/// This machine's name, as people know it.
std::string host_name();

/// What an ended job is to others.  A command that was mistyped never began, and a schedule tries
/// again by itself where somebody else worked or the engine was away: both count as cancelled.
NotifyKind notify_kind_after(ExitCode code, const std::string& started_by);

/// Whether the last of these jobs (newest first) that was good or bad has failed, of those that do
/// the same: of the command, and of the schedule that started it or of none.  Degraded ones made a
/// snapshot, though no good one: they end no failure and are none.
bool follows_a_failure(const std::string& kind, const std::string& started_by,
                       const std::vector<Job>& earlier);

/// Nothing that goes wrong here changes what the command does: it is said once, on stderr.
class JobNotices {
 public:
  /// `job`: its id.
  JobNotices(const Settings& settings, const std::string& kind, const std::string& job,
             const std::string& started_by);

  void begin();

  /// `error`: why it failed; where that is empty, the facts' remark is told.  `earlier`: the newest
  /// jobs, newest first; this one does not count.  Delivers at once what no `serve` is there to
  /// deliver; that takes at most a quarter of a minute for each target.
  void end(ExitCode code, const std::string& error, const JobFacts& facts,
           const std::vector<Job>& earlier);

 private:
  template <typename Work>
  void attempt(Work work);
  void put(NotifyKind kind, const std::vector<NotifyTarget>& targets);
  void put_success(const std::vector<Job>& earlier);
  void deliver_unattended();

  NotifySettings settings_;
  std::unique_ptr<Outbox> outbox_;  // empty: there is nobody to tell, or no way
  bool complained_ = false;
  NotifyEvent event_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace controller
