#include "controller/cli/program.h"

#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "controller/cli/command_line.h"
#include "controller/cli/hand_over.h"
#include "controller/cli/job_diary.h"
#include "controller/cli/job_kind.h"
#include "controller/cli/job_notices.h"
#include "controller/cli/job_process.h"
#include "controller/cli/signals.h"
#include "controller/cli/typed_interrupts.h"
#include "controller/snapshot/shell_quote.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

ExitCode report(const std::exception& error, const OutputOptions& options) {
  complain(options, error.what());
  return exit_code_of(error);
}

/// Agents are started by us, with nothing of the operator's environment.
int run_as_agent(const std::string& role) {
  try {
    return static_cast<int>(run_agent(role));
  } catch (const std::exception& error) {
    return static_cast<int>(report(error, {}));
  }
}

/// For the docker CLI, which asks its plugin.
int offer_words(const std::vector<CompletedCommand>& commands,
                const std::vector<std::string>& typed) {
  try {
    const auto settings = read_settings(process_environment(), environment_names());
    print(offered_words(commands, typed, [&] {
      std::vector<std::string> names;
      for (const auto& entry : open_directory_store(settings.store)->list()) {
        names.push_back(entry.name);
      }
      return names;
    }));
    return 0;
  } catch (const std::exception& error) {
    return static_cast<int>(report(error, {}));
  }
}

/// A dry run does nothing.
bool is_job(const std::string& command, const Words& words) {
  return job_kind_of(command) && !words.restore.dry_run && !words.undo.dry_run &&
         !words.prune.dry_run;
}

/// Which snapshot the command line means, where it says so.
std::string snapshot_of(const std::string& command, const Words& words) {
  if (command == "restore") {
    return words.restore.name;
  }
  return command == "drill" ? words.drill.name : command == "delete" ? words.name : "";
}

ExitCode run_job(const CommandLine& said, CommandContext context) {
  const auto kind = job_kind_of(said.command).value();
  const auto diary =
      std::make_shared<JobDiary>(context.settings, kind, "cofferdam " + shell_command(said.line));
  context.output.diary = diary;
  context.diary = diary;
  context.queue = said.words.queue;
  context.output.origin.job = diary->job();
  context.facts->snapshot = snapshot_of(said.command, said.words);
  JobNotices notices(context.settings, kind, diary->job(), diary->started_by());
  notices.begin();
  const auto end = [&](ExitCode code, const std::string& error) {
    diary->end(code, error);
    notices.end(code, error, *context.facts,
                code == ExitCode::Success ? diary->newest_jobs() : std::vector<Job>());
  };
  try {
    const auto code = said.action(context, said.words);
    end(code, {});
    return code;
  } catch (const std::exception& error) {
    end(exit_code_of(error), error.what());
    throw;
  }
}

/// The exit code of a job that another process does, or goes on doing.
std::optional<int> done_by_another(const CommandLine& said, const CommandContext& context) {
  if (started_by_another()) {
    return std::nullopt;
  }
  return said.words.detach ? detach(context, said.line) : hand_over(context, said.line);
}

int run(const CommandLine& said) {
  const Signals signals;
  OutputOptions output;
  try {
    const auto environment = process_environment();
    const auto settings = read_settings(environment, environment_names());
    output = output_options(environment, said.words.json, said.words.quiet);
    output.log_format = settings.log_format;
    output.log_level = settings.log_level;
    output.origin.stack = settings.project;
    const CommandContext context{settings, output, signals.token()};
    if (!is_job(said.command, said.words)) {
      return static_cast<int>(said.action(context, said.words));
    }
    if (const auto code = done_by_another(said, context)) {
      return *code;
    }
    return static_cast<int>(run_job(said, context));
  } catch (const std::exception& error) {
    return static_cast<int>(report(error, output));
  }
}

}  // namespace

int run_program(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "agent") {
    return run_as_agent(argv[2]);
  }
  if (argc > 1 && std::string_view(argv[1]) == "attended") {
    heed_typed_interrupts(STDIN_FILENO);
    --argc;
    ++argv;
  }
  return with_command_line(argc, argv, run, offer_words);
}

}  // namespace controller
