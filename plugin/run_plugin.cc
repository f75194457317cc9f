#include "plugin/run_plugin.h"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "controller/cli/exit_code.h"
#include "plugin/call.h"
#include "plugin/docker_cli.h"
#include "plugin/sidecar.h"
#include "plugin/stack_folder.h"

namespace plugin {

namespace {

using controller::ExitCode;

constexpr std::string_view kHelp =
    "Usage:  docker backup [-p PROJECT] COMMAND [WORD...]\n"
    "\n"
    "Back up and restore a Compose stack: runs a command of Cofferdam in the stack's sidecar\n"
    "\n"
    "  docker backup plan                   what would be captured, how, and what nothing "
    "protects\n"
    "  docker backup create --name weekly   make a snapshot\n"
    "  docker backup list                   list the snapshots\n"
    "  docker backup restore weekly         put a snapshot's data in place of the live data\n"
    "  docker backup COMMAND --help         explain a command\n"
    "\n"
    "Options:\n"
    "  -p, --project PROJECT   the Compose project whose sidecar is meant\n"
    "                          (default: the stack of the current folder)\n"
    "\n"
    "The engine is the docker CLI's: docker --context NAME backup …, DOCKER_HOST.\n";

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): there is one thread
  return value == nullptr ? "" : value;
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// As Compose decides, but what is deployed counts before what would be deployed now: asking
/// Compose reads every file of the project, and needs each variable that they need.
MeantProject meant_project(const Call& call, const std::vector<Sidecar>& sidecars,
                           const DockerCli& docker) {
  if (!call.project.empty()) {
    return {call.project, "--project"};
  }
  if (auto name = variable("COMPOSE_PROJECT_NAME"); !name.empty()) {
    return {std::move(name), "COMPOSE_PROJECT_NAME"};
  }
  const auto folder = stack_folder(std::filesystem::current_path());
  if (auto name = project_in_dotenv(text_of(folder / ".env"))) {
    return {std::move(*name), "COMPOSE_PROJECT_NAME in " + (folder / ".env").string()};
  }
  if (variable("COMPOSE_FILE").empty()) {
    if (auto project = project_deployed_from(folder, sidecars)) {
      return std::move(*project);
    }
  }
  const auto config =
      docker.output({"compose", "config", "--format", "json"}, DockerCli::Complaints::Hidden);
  if (auto name = config ? project_in_config(*config) : std::nullopt) {
    return {std::move(*name), "docker compose config"};
  }
  throw NoSidecar("which stack is meant? No single sidecar was deployed from " + folder.string() +
                  ", and `docker compose config` tells no project there" +
                  known_projects(sidecars));
}

/// Words for the docker CLI: `words` of Cofferdam's after what an exec and Cofferdam need besides.
std::vector<std::string> exec_words(const std::vector<std::string>& options, const Sidecar& sidecar,
                                    const std::string& way, const std::vector<std::string>& words) {
  std::vector<std::string> all = {"exec"};
  all.insert(all.end(), options.begin(), options.end());
  all.insert(all.end(), {sidecar.id, "cofferdam"});
  if (!way.empty()) {
    all.push_back(way);
  }
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

Sidecar find_sidecar(const Call& call, const DockerCli& docker) {
  const auto listing = docker.output(listing_words(), DockerCli::Complaints::Shown);
  if (!listing) {
    throw std::runtime_error("the docker CLI could not list the containers of the engine");
  }
  const auto sidecars = sidecars_in(*listing);
  return sidecar_of(meant_project(call, sidecars, docker), sidecars);
}

/// All three must be one: an exec's terminal has one output only.
bool on_terminal() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 &&
         ::isatty(STDERR_FILENO) == 1;
}

/// While a word is typed, the variable has the plugin itself: the CLI changed its own arguments.
std::string cli_program(CallKind kind) {
  const auto original = variable("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND");
  return original.empty() || kind == CallKind::Complete ? "docker" : original;
}

int run_in_sidecar(const Call& call) {
  const DockerCli docker(cli_program(call.kind), call.globals);
  const auto sidecar = find_sidecar(call, docker);
  if (call.kind == CallKind::Complete) {
    docker.become(exec_words({}, sidecar, "__complete", call.words));
  }
  if (on_terminal()) {
    docker.become(exec_words({"--interactive", "--tty"}, sidecar, "", call.words));
  }
  return docker.attend(exec_words({"--interactive"}, sidecar, "attended", call.words),
                       variable("DOCKER_CLI_PLUGIN_SOCKET"));
}

int run(const Call& call) {
  switch (call.kind) {
    case CallKind::Metadata:
      std::cout << metadata() << '\n';
      return 0;
    case CallKind::Help:
      std::cout << kHelp;
      return 0;
    case CallKind::Complete:
    case CallKind::Command:
      break;
  }
  return run_in_sidecar(call);
}

int complain(const std::exception& error, ExitCode code) {
  std::cerr << "docker backup: " << error.what() << '\n';
  return static_cast<int>(code);
}

}  // namespace

std::string metadata() {
  return nlohmann::ordered_json{{"SchemaVersion", "0.1.0"},
                                {"Vendor", "Cofferdam"},
                                {"Version", "v" COFFERDAM_VERSION},
                                {"ShortDescription", "Back up and restore a Compose stack"},
                                {"URL", "https://github.com/cofferdam/cofferdam"}}
      .dump();
}

int run_plugin(const std::vector<std::string>& arguments) {
  try {
    return run(parse_call(arguments));
  } catch (const CallError& error) {
    return complain(error, ExitCode::Usage);
  } catch (const NoSidecar& error) {
    return complain(error, ExitCode::NotFound);
  } catch (const std::exception& error) {
    return complain(error, ExitCode::EngineUnreachable);
  }
}

}  // namespace plugin
