#include "controller/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <string_view>
#include <utility>

#include "controller/cli/output.h"

namespace controller {

namespace {

/// What the completion scripts know: the parser's own table.
std::vector<CompletedCommand> completed_commands(const CLI::App& app) {
  std::vector<CompletedCommand> commands;
  for (const auto* sub : app.get_subcommands({})) {
    CompletedCommand command{sub->get_name(), sub->get_description(), {}, false};
    for (const auto* option : sub->get_options()) {
      if (option->get_positional()) {
        command.takes_snapshot = option->get_name() == "NAME";
      } else {
        command.options.push_back("--" + option->get_lnames().front());
      }
    }
    command.options.emplace_back("--json");
    command.options.emplace_back("--quiet");
    commands.push_back(std::move(command));
  }
  return commands;
}

/// Of every command that is a job.
void add_job_flags(CLI::App* sub, Words& words) {
  sub->add_flag("--queue", words.queue, "where somebody else works, wait for the turn");
  sub->add_flag("--detach", words.detach, "print the job's id once it is accepted, do not wait");
}

CLI::App* command(CLI::App& app, Action& chosen, const std::string& name, const std::string& help,
                  Action action) {
  auto* sub = app.add_subcommand(name, help);
  sub->callback([&chosen, action = std::move(action)] { chosen = action; });
  return sub;
}

void add_services(CLI::App* sub, std::vector<std::string>& services, const std::string& help) {
  sub->add_option("--services", services, help)->delimiter(',')->type_name("A,B");
}

void add_capture_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* plan = command(
      app, chosen, "plan", "Show what would be captured, how, and what nothing protects",
      [](const auto& context, const Words& said) { return run_plan(context, said.services); });
  add_services(plan, words.services, "only what these services produce");
  auto* create = command(
      app, chosen, "create", "Make a snapshot",
      [](const auto& context, const Words& said) { return run_create(context, said.create); });
  add_job_flags(create, words);
  create->add_option("--name", words.create.name, "its name (default: the UTC time)");
  add_services(create, words.create.services, "only what these services produce");
}

void add_snapshot_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* list = command(
      app, chosen, "list", "List the snapshots", [](const auto& context, const Words& said) {
        return said.remote || !said.destination.empty() ? run_list_remote(context, said.destination)
                                                        : run_list(context);
      });
  list->add_flag("--remote", words.remote, "those at a destination");
  list->add_option("--from", words.destination, "which one (default: the first)")
      ->type_name("DESTINATION");
  auto* show =
      command(app, chosen, "show", "Show what a snapshot holds",
              [](const auto& context, const Words& said) { return run_show(context, said.name); });
  show->add_option("NAME", words.name, "the snapshot")->required();
  auto* verify = command(app, chosen, "verify", "Re-read every stored byte of snapshots",
                         [](const auto& context, const Words& said) {
                           if (said.names.empty() == !said.all) {
                             throw UsageError("verify needs either names or --all");
                           }
                           return run_verify(context, said.names);
                         });
  add_job_flags(verify, words);
  verify->add_option("NAME", words.names, "the snapshots");
  verify->add_flag("--all", words.all, "all of them");
  auto* remove = command(app, chosen, "delete", "Delete a snapshot, corrupt or not",
                         [](const auto& context, const Words& said) {
                           return run_delete(context, said.name, said.yes);
                         });
  add_job_flags(remove, words);
  remove->add_option("NAME", words.name, "the snapshot")->required();
  remove->add_flag("--yes", words.yes, "do not ask");
}

void add_retention_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* prune = command(
      app, chosen, "prune", "Drop the snapshots that no retention rule keeps",
      [](const auto& context, const Words& said) { return run_prune(context, said.prune); });
  add_job_flags(prune, words);
  prune->add_flag("--dry-run", words.prune.dry_run, "show what each rule keeps, do nothing");
  prune->add_flag("--confirm", words.prune.confirm, "although more than half would go");
  prune->add_flag("--yes", words.prune.yes, "do not ask");
  auto* pin =
      command(app, chosen, "pin", "Keep a snapshot whatever the rules say",
              [](const auto& context, const Words& said) { return run_pin(context, said.name); });
  pin->add_option("NAME", words.name, "the snapshot")->required();
  auto* unpin =
      command(app, chosen, "unpin", "Let the rules decide about a snapshot again",
              [](const auto& context, const Words& said) { return run_unpin(context, said.name); });
  unpin->add_option("NAME", words.name, "the snapshot")->required();
}

void add_narrowing(CLI::App* restore, RestoreWords& words) {
  restore->add_option("--volume", words.volumes, "only the volume with this Compose key")
      ->delimiter(',')
      ->type_name("VOLUME");
  restore->add_option("--database", words.databases, "only this database")
      ->delimiter(',')
      ->type_name("[SERVICE/]NAME");
  restore->add_option("--table", words.table, "only the rows of this table, into the live database")
      ->type_name("SCHEMA.TABLE");
  restore->add_flag("--only-volumes", words.only_volumes, "no databases");
  restore->add_flag("--only-databases", words.only_databases, "no volumes");
  restore
      ->add_option("--as-copy", words.as_copy,
                   "into new volumes and databases of this ending, beside the live ones")
      ->type_name("SUFFIX");
}

void add_restore_command(CLI::App& app, Words& words, Action& chosen) {
  auto* restore = command(
      app, chosen, "restore", "Put a snapshot's data in place of the live data",
      [](const auto& context, const Words& said) { return run_restore(context, said.restore); });
  add_job_flags(restore, words);
  restore->add_option("NAME", words.restore.name, "the snapshot")->required();
  add_services(restore, words.restore.services, "only what these services produced");
  restore
      ->add_option("--map", words.restore.maps,
                   "restore the volume with this Compose key into the volume of that name")
      ->type_name("VOLUME=NAME");
  add_narrowing(restore, words.restore);
  restore->add_option("--from", words.restore.from, "fetch it from this destination first")
      ->type_name("DESTINATION");
  restore->add_flag("--stop-running", words.restore.stop_running,
                    "stop who uses what is replaced, and start them again");
  restore->add_flag("--force", words.restore.force,
                    "also into volumes that are not the project's and hold something");
  restore->add_flag("--ignore-version", words.restore.ignore_version,
                    "although another major version of the platform runs");
  restore->add_flag("--dry-run", words.restore.dry_run, "show the plan and its hash, do nothing");
  restore->add_option("--plan", words.restore.plan, "do exactly the plan that --dry-run showed")
      ->type_name("HASH");
  restore->add_flag("--yes", words.restore.yes, "do not ask");
}

void add_point_commands(CLI::App& app, Words& words, Action& chosen) {
  command(app, chosen, "points", "List what restores replaced and can be gone back to",
          [](const auto& context, const Words&) { return run_points(context); });
  auto* undo =
      command(app, chosen, "undo", "Go back to what the last restore replaced",
              [](const auto& context, const Words& said) { return run_undo(context, said.undo); });
  add_job_flags(undo, words);
  undo->add_option("POINT", words.undo.point, "another rollback point");
  undo->add_flag("--dry-run", words.undo.dry_run, "show the plan and its hash, do nothing");
  undo->add_option("--plan", words.undo.plan, "do exactly the plan that --dry-run showed")
      ->type_name("HASH");
  undo->add_flag("--yes", words.undo.yes, "do not ask");
  auto* commit = command(
      app, chosen, "commit", "Drop what restores replaced: there is no way back then",
      [](const auto& context, const Words& said) { return run_commit(context, said.commit); });
  add_job_flags(commit, words);
  commit->add_option("POINT", words.commit.points, "only these rollback points");
  commit->add_flag("--yes", words.commit.yes, "do not ask");
}

void add_drill_command(CLI::App& app, Words& words, Action& chosen) {
  auto* drill = command(
      app, chosen, "drill", "Prove a snapshot by booting the stack from it, isolated",
      [](const auto& context, const Words& said) { return run_drill(context, said.drill); });
  add_job_flags(drill, words);
  drill->add_option("NAME", words.drill.name, "the snapshot")->required();
  auto* keep = drill->add_flag("--keep", words.drill.keep, "leave it up, to look at it");
  drill->add_flag("--clean", words.drill.clean, "remove what --keep left up")->excludes(keep);
}

void add_job_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* jobs =
      command(app, chosen, "jobs", "List what was done, by whom, and how it went",
              [](const auto& context, const Words& said) { return run_jobs(context, said.all); });
  jobs->add_flag("--all", words.all, "all that are known, not only the newest 20");
  auto* logs = command(app, chosen, "logs", "Print what a job told",
                       [](const auto& context, const Words& said) {
                         return run_logs(context, said.job, said.follow);
                       });
  logs->add_option("JOB", words.job, "the job, see `cofferdam jobs`")->required();
  logs->add_flag("-f,--follow", words.follow, "until it ends");
  auto* cancel =
      command(app, chosen, "cancel", "End a running job in an orderly way",
              [](const auto& context, const Words& said) { return run_cancel(context, said.job); });
  cancel->add_option("JOB", words.job, "the job")->required();
}

void add_schedule_changes(CLI::App& schedule, Words& words, Action& chosen) {
  auto* set = command(schedule, chosen, "set", "Make a schedule, or make it anew",
                      [](const auto& context, const Words& said) {
                        return run_schedule_set(context, said.schedule);
                      });
  auto& given = words.schedule;
  set->add_option("SCHEDULE", given.name, "its name")->required();
  set->add_option("--cron", given.cron, "minute, hour, day of month, month, day of week")
      ->required();
  set->add_option("--time-zone", given.time_zone, "whose clocks it goes by");
  set->add_option("--services", given.services, "only what these services produce")
      ->type_name("A,B");
  set->add_option("--missed", given.missed, "made up for: always, never, or a longest age");
  set->add_option("--overlap", given.overlap, "while its last run goes on: skip or queue");
  set->add_option("--jitter", given.jitter, "runs up to that long after its time");
  set->add_option("--keep", given.keep, "a retention rule of its own")->type_name("RULE=N");
  auto* remove = command(
      schedule, chosen, "rm", "Remove a schedule that `set` made",
      [](const auto& context, const Words& said) { return run_schedule_rm(context, said.name); });
  remove->add_option("SCHEDULE", words.name, "the schedule")->required();
}

void add_schedule_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* schedule = app.add_subcommand("schedule", "What runs by itself, and when");
  schedule->require_subcommand(1);
  command(*schedule, chosen, "ls",
          "List the schedules, how their last run went and when they run next",
          [](const auto& context, const Words&) { return run_schedule_ls(context); });
  auto* next = command(
      *schedule, chosen, "next", "Show the next five times",
      [](const auto& context, const Words& said) { return run_schedule_next(context, said.name); });
  next->add_option("SCHEDULE", words.name, "only this one");
  auto* now = command(
      *schedule, chosen, "run", "Do now what a schedule does",
      [](const auto& context, const Words& said) { return run_schedule_run(context, said.name); });
  add_job_flags(now, words);
  now->add_option("SCHEDULE", words.name, "the schedule")->required();
  add_schedule_changes(*schedule, words, chosen);
}

void add_other_commands(CLI::App& app, Words& words, Action& chosen) {
  command(app, chosen, "serve", "Run as the sidecar",
          [](const auto& context, const Words&) { return run_serve(context); });
  command(app, chosen, "health", "Ask whether the sidecar is well",
          [](const auto& context, const Words&) { return run_health(context); });
  command(app, chosen, "version", "Print the version", [](const auto&, const Words&) {
    print("cofferdam " COFFERDAM_VERSION "\n");
    return ExitCode::Success;
  });
  auto* completion = command(app, chosen, "completion", "Print a completion script for a shell",
                             [&app](const auto&, const Words& said) {
                               print(completion_script(said.shell, completed_commands(app)));
                               return ExitCode::Success;
                             });
  completion->add_option("SHELL", words.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

void add_store_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* store = app.add_subcommand("store", "Look at where copies of snapshots go");
  store->require_subcommand(1);
  auto* test = command(*store, chosen, "test", "Write, read, list and delete at a destination",
                       [](const auto& context, const Words& said) {
                         return run_store_test(context, said.destination);
                       });
  test->add_option("DESTINATION", words.destination, "which one (default: the first)");
}

void add_notify_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* notify = app.add_subcommand("notify", "Look at who is told how jobs went");
  notify->require_subcommand(1);
  auto* test = command(*notify, chosen, "test", "Tell them that this is a test",
                       [](const auto& context, const Words& said) {
                         return run_notify_test(context, said.destination);
                       });
  test->add_option("NOTIFICATION", words.destination, "only this one");
  command(*notify, chosen, "ls", "List them, of what they are told, and how it goes",
          [](const auto& context, const Words&) { return run_notify_ls(context); });
}

void add_plugin_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* plugin = app.add_subcommand("plugin", "`docker backup` for the host's docker CLI");
  plugin->require_subcommand(1);
  auto* install = command(*plugin, chosen, "install", "Put the plugin into a folder of the host",
                          [](const auto& context, const Words& said) {
                            return run_plugin_install(context, said.folder);
                          });
  install->add_option("--to", words.folder, "a mount of ~/.docker/cli-plugins")
      ->type_name("FOLDER")
      ->capture_default_str();
}

void add_user_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* user = app.add_subcommand("user", "Who may log in to the API");
  user->require_subcommand(1);
  auto* set = command(
      *user, chosen, "set", "Add a user, or change the password, which stdin has",
      [](const auto& context, const Words& said) { return run_user_set(context, said.name); });
  set->add_option("USER", words.name, "the name")->required();
  command(*user, chosen, "ls", "List them",
          [](const auto& context, const Words&) { return run_user_ls(context); });
  auto* remove = command(
      *user, chosen, "rm", "Remove a user",
      [](const auto& context, const Words& said) { return run_user_rm(context, said.name); });
  remove->add_option("USER", words.name, "the name")->required();
}

void add_token_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* token = app.add_subcommand("token", "Tokens of scripts that use the API");
  token->require_subcommand(1);
  auto* create = command(
      *token, chosen, "create", "Make one and print it, which can be done only once",
      [](const auto& context, const Words& said) { return run_token_create(context, said.token); });
  create->add_option("NAME", words.token.name, "what it is for")->required();
  create->add_option("--scopes", words.token.scopes, "read, backup, restore, admin (default: read)")
      ->type_name("A,B");
  command(*token, chosen, "ls", "List them",
          [](const auto& context, const Words&) { return run_token_ls(context); });
  auto* revoke = command(
      *token, chosen, "revoke", "End one",
      [](const auto& context, const Words& said) { return run_token_revoke(context, said.name); });
  revoke->add_option("TOKEN", words.name, "its id, see `cofferdam token ls`")->required();
  command(app, chosen, "audit", "Print who did what through the API, and whether that is all",
          [](const auto& context, const Words&) { return run_audit(context); });
}

void add_copy_commands(CLI::App& app, Words& words, Action& chosen) {
  auto* copy =
      command(app, chosen, "copy", "Copy a snapshot to storage off the host",
              [](const auto& context, const Words& said) { return run_copy(context, said.copy); });
  add_job_flags(copy, words);
  copy->add_option("NAME", words.copy.name, "the snapshot");
  copy->add_option("--to", words.copy.destination, "where to (default: the first destination)")
      ->type_name("DESTINATION");
  copy->add_flag("--pending", words.copy.pending, "all that were begun or are owed");
  auto* fetch = command(app, chosen, "fetch", "Bring a snapshot back from storage off the host",
                        [](const auto& context, const Words& said) {
                          return run_fetch(context, said.name, said.destination);
                        });
  add_job_flags(fetch, words);
  fetch->add_option("NAME", words.name, "the snapshot, or NAME/ID")->required();
  fetch->add_option("--from", words.destination, "where from (default: the first destination)")
      ->type_name("DESTINATION");
}

void add_commands(CLI::App& app, Words& words, Action& chosen) {
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("--json", words.json, "print JSON on stdout");
  app.add_flag("-q,--quiet", words.quiet, "print only what was asked for, and warnings");
  add_capture_commands(app, words, chosen);
  add_snapshot_commands(app, words, chosen);
  add_retention_commands(app, words, chosen);
  add_restore_command(app, words, chosen);
  add_point_commands(app, words, chosen);
  add_drill_command(app, words, chosen);
  add_job_commands(app, words, chosen);
  add_schedule_commands(app, words, chosen);
  add_other_commands(app, words, chosen);
  add_store_commands(app, words, chosen);
  add_notify_commands(app, words, chosen);
  add_user_commands(app, words, chosen);
  add_token_commands(app, words, chosen);
  add_copy_commands(app, words, chosen);
  add_plugin_commands(app, words, chosen);
}

}  // namespace

int with_command_line(int argc, char** argv, const std::function<int(const CommandLine&)>& run,
                      const Offer& offer) {
  CLI::App app("Backs up and restores Docker Compose stacks", "cofferdam");
  CommandLine found;
  add_commands(app, found.words, found.action);
  if (argc > 2 && std::string_view(argv[1]) == "__complete") {
    return offer(completed_commands(app), {argv + 2, argv + argc});
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::Usage);
  }
  const auto* said = app.get_subcommands().front();
  const auto inner = said->get_subcommands();
  found.command = said->get_name() + (inner.empty() ? "" : " " + inner.front()->get_name());
  found.line.assign(argv + 1, argv + argc);
  return run(found);
}

}  // namespace controller
