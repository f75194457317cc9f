// What each command does once its words are understood.  All print their result and return how it
// went; what they cannot do they throw.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/cli/exit_code.h"
#include "controller/cli/job_facts.h"
#include "controller/cli/output.h"
#include "controller/cli/settings.h"

namespace controller {

class JobDiary;

struct CommandContext {
  Settings settings;
  OutputOptions output;
  std::stop_token stop;
  std::shared_ptr<JobFacts> facts = std::make_shared<JobFacts>();  // the command writes them down
  std::shared_ptr<JobDiary> diary = nullptr;                       // of a command that is a job
  bool queue = false;  // where somebody works, it waits for its turn
};

ExitCode run_plan(const CommandContext& context, const std::vector<std::string>& services);

struct CreateWords {
  std::string name;  // empty: the time
  std::vector<std::string> services;
  std::string schedule;  // whose run this is, begun by hand; empty: none's
};
ExitCode run_create(const CommandContext& context, const CreateWords& words);

ExitCode run_list(const CommandContext& context);
ExitCode run_show(const CommandContext& context, const std::string& name);

/// Names; empty: all of them.
ExitCode run_verify(const CommandContext& context, const std::vector<std::string>& names);

struct RestoreWords {
  std::string name;
  std::vector<std::string> services;
  std::vector<std::string> maps;       // "volume=name"
  std::vector<std::string> volumes;    // Compose keys
  std::vector<std::string> databases;  // "app" or "db/app"
  std::string table;                   // "schema.table"
  bool only_volumes = false;
  bool only_databases = false;
  std::string as_copy;  // suffix
  bool stop_running = false;
  bool force = false;
  bool ignore_version = false;
  bool dry_run = false;
  std::string plan;  // the hash that --dry-run showed
  bool yes = false;
  std::string from;  // a destination; empty: the store
};
ExitCode run_restore(const CommandContext& context, const RestoreWords& words);

/// Rollback points of the project.
ExitCode run_points(const CommandContext& context);

struct UndoWords {
  std::string point;  // empty: the newest that a restore made
  std::string plan;   // the hash that --dry-run showed
  bool dry_run = false;
  bool yes = false;
};
ExitCode run_undo(const CommandContext& context, const UndoWords& words);

struct CommitWords {
  std::vector<std::string> points;  // empty: all
  bool yes = false;
};
ExitCode run_commit(const CommandContext& context, const CommitWords& words);

struct DrillWords {
  std::string name;    // of the snapshot; with `clean` also a drill's job
  bool keep = false;   // leave the containers for somebody to look at
  bool clean = false;  // remove those that were kept
};
ExitCode run_drill(const CommandContext& context, const DrillWords& words);

/// The newest jobs, newest first; all that are known with `all`.
ExitCode run_jobs(const CommandContext& context, bool all);

/// A job's log; with `follow` until its end or `context.stop`.
ExitCode run_logs(const CommandContext& context, const std::string& job, bool follow);

/// Asks a running job to end and waits until it has.
ExitCode run_cancel(const CommandContext& context, const std::string& job);

struct PruneWords {
  bool dry_run = false;
  bool confirm = false;  // although more than half would go
  bool yes = false;
};
ExitCode run_prune(const CommandContext& context, const PruneWords& words);

ExitCode run_schedule_ls(const CommandContext& context);

/// The next five times; of all schedules if `name` is empty.
ExitCode run_schedule_next(const CommandContext& context, const std::string& name);

struct ScheduleWords {
  std::string name;
  std::string cron;
  std::string time_zone;  // this and the next ones: empty for what is usual
  std::string services;   // "db,files"
  std::string missed;
  std::string overlap;
  std::string jitter;
  std::vector<std::string> keep;  // "daily=7"
};
/// Makes a schedule, or makes it anew.
ExitCode run_schedule_set(const CommandContext& context, const ScheduleWords& words);
/// One that was made so.
ExitCode run_schedule_rm(const CommandContext& context, const std::string& name);

/// What the schedule does, now; its own time does not change.
ExitCode run_schedule_run(const CommandContext& context, const std::string& name);

ExitCode run_pin(const CommandContext& context, const std::string& name);
ExitCode run_unpin(const CommandContext& context, const std::string& name);

/// Refuses what is pinned.
ExitCode run_delete(const CommandContext& context, const std::string& name, bool yes);

struct CopyWords {
  std::string name;         // of the snapshot
  std::string destination;  // empty: the first
  bool pending = false;     // instead: all copies that are owed
};
ExitCode run_copy(const CommandContext& context, const CopyWords& words);

/// What a destination has; empty: the first.
ExitCode run_list_remote(const CommandContext& context, const std::string& destination);

/// `name` is NAME or NAME/ID.
ExitCode run_fetch(const CommandContext& context, const std::string& name,
                   const std::string& destination);

/// Whether a destination for copies can be used; empty: the first.
ExitCode run_store_test(const CommandContext& context, const std::string& destination);

/// Tells one target, or all of them, that this is a test; says of each how it went.
ExitCode run_notify_test(const CommandContext& context, const std::string& name);

/// Who is told of what, and how it goes with them.
ExitCode run_notify_ls(const CommandContext& context);

/// The password is asked for on a terminal, else it is the first line of stdin.
ExitCode run_user_set(const CommandContext& context, const std::string& name);
ExitCode run_user_ls(const CommandContext& context);
ExitCode run_user_rm(const CommandContext& context, const std::string& name);

struct TokenWords {
  std::string name;
  std::string scopes = "read";  // "read,backup"
};
/// Prints its text, which nobody can print again.
ExitCode run_token_create(const CommandContext& context, const TokenWords& words);
ExitCode run_token_ls(const CommandContext& context);
ExitCode run_token_revoke(const CommandContext& context, const std::string& id);

/// Fails if the chain is broken.
ExitCode run_audit(const CommandContext& context);

/// Puts the docker CLI's plugin into `folder`.
ExitCode run_plugin_install(const CommandContext& context, const std::string& folder);

/// Until `context.stop`: replays the journal, answers GET /healthz and the API.
ExitCode run_serve(const CommandContext& context);

/// Asks the serve of this container.
ExitCode run_health(const CommandContext& context);

/// `role` is what an agent container was started for.
ExitCode run_agent(const std::string& role);

}  // namespace controller
