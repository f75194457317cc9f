// Commands of ours that are run because somebody asked over HTTP.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/cli/handed_job.h"
#include "controller/cli/job_process.h"

namespace controller {

/// Each is a process of its own, as those of the command line are.  For several threads.  Jobs that
/// go on when this goes then go on by themselves.
class AskedCommands {
 public:
  /// Those that do more than look have the environment that `of_jobs` returns then, called from any
  /// thread.
  explicit AskedCommands(std::function<std::vector<std::string>()> of_jobs)
      : of_jobs_(std::move(of_jobs)) {}
  AskedCommands(const AskedCommands&) = delete;
  AskedCommands& operator=(const AskedCommands&) = delete;

  /// Starts a job and returns once it is accepted, with its id and state.  Throws ApiProblem with
  /// what kept it from that, where two dozen commands go on already, or once end() was called.
  JobNotice start(const std::vector<std::string>& words, const std::string& started_by);

  /// What a command prints that only looks; four run at a time, eight others wait.  Throws
  /// ApiProblem with what it complains of, or where too many wait.
  std::string look(const std::vector<std::string>& words);

  /// The same for one that changes something or tells somebody, and is no job.
  void change(const std::vector<std::string>& words);

  /// Forgets the jobs that have ended.  Call it now and then.
  void reap();

  /// Asks all to end, and takes no more.  Returns the processes of jobs.
  std::set<pid_t> end();

 private:
  struct Running {
    Running(const JobRequest& request, const std::string& started_by, const JobChannels& channels)
        : process(request, started_by, channels) {}

    JobProcess process;
    bool watched = true;  // a thread waits for it
  };
  using Place = std::list<Running>::iterator;

  Place begin(const std::vector<std::string>& words, std::vector<std::string> environment,
              const std::string& started_by, const JobChannels& channels);
  int wait(Place place);
  std::string printed(const std::vector<std::string>& words, std::vector<std::string> environment);
  void leave(Place place);

  const std::function<std::vector<std::string>()> of_jobs_;
  std::mutex mutex_;
  std::condition_variable free_;  // for one more look
  int looks_ = 0;
  int waiting_ = 0;  // for their look
  bool ending_ = false;
  std::list<Running> running_;
};

}  // namespace controller
