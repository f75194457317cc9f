#include "controller/snapshot/recovery_text.h"

#include <algorithm>
#include <set>

#include "controller/snapshot/recovery_commands.h"
#include "controller/snapshot/shell_quote.h"

namespace controller {
namespace {

constexpr std::string_view kIntroduction =
    R"(This says how to restore it by hand, without Cofferdam: with bash, sha256sum, zstd (or gzip),
tar, and a Docker engine with Compose. Every line that is indented by four spaces is a command for
bash, to be run in the folder of this file, in the order given, by somebody who may use the engine.
What is restored is replaced: keep a copy of what you may still need.
)";

/// Adds to a text that is read by people and by tests: headings are numbered and underlined,
/// commands are indented by four spaces, nothing else is.
class Page {
 public:
  void heading(const std::string& title) {
    const std::string line = std::to_string(++number_) + ". " + title;
    gap();
    text_ += line + "\n" + std::string(line.size(), '-') + "\n\n";
  }

  void line(std::string_view text) { text_ += one_line(text) + "\n"; }

  void item(std::string_view text) { line("* " + std::string(text)); }

  void commands(const std::vector<std::string>& commands) {
    gap();
    for (const auto& command : commands) {
      text_ += "    " + command + "\n";
    }
    text_ += "\n";
  }

  void raw(std::string_view text) { text_ += text; }

  /// One empty line, unless there is one.
  void gap() { text_ += text_.ends_with("\n\n") ? "" : "\n"; }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  int number_ = 0;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

bool is_bind(const VolumeRecord& volume) {
  return volume.kind == "bind";
}

/// Services that write to what is replaced; a database stays up for its own restore.
std::vector<std::string> services_to_stop(const Manifest& manifest) {
  std::set<std::string> names;
  for (const auto& volume : manifest.volumes) {
    names.insert(volume.services.begin(), volume.services.end());
  }
  for (const auto& service : manifest.services) {
    const bool uses_a_database =
        std::ranges::any_of(manifest.databases, [&](const DatabaseRecord& database) {
          return service.depends_on.contains(database.service);
        });
    if (uses_a_database) {
      names.insert(service.name);
    }
  }
  for (const auto& database : manifest.databases) {
    names.erase(database.service);
  }
  return {names.begin(), names.end()};
}

void write_top(Page& page, const Manifest& manifest) {
  page.line("Snapshot " + manifest.name + " of the Compose project " + manifest.project);
  page.gap();
  page.line("Its data is as of " + manifest.created_at + ". It was made on " + manifest.hostname +
            " (Docker Engine " + manifest.engine_version + ", " + manifest.architecture +
            ") by Cofferdam " + manifest.cofferdam_version + ": " +
            std::string(to_string(manifest.status)) + ".");
  for (const auto& reason : manifest.reasons) {
    page.item(reason);
  }
  page.gap();
  page.raw(kIntroduction);
}

void write_check(Page& page, const Manifest& manifest) {
  page.heading("Check that nothing is damaged");
  page.line("Each line must say OK.");
  std::vector<std::string> commands = {check_manifest_command()};
  for (const auto& artifact : artifacts(manifest)) {
    commands.push_back(check_command(artifact));
  }
  page.commands(commands);
}

bool has_masked(const std::map<std::string, std::string>& options) {
  return std::ranges::any_of(
      options, [](const auto& option) { return option.second.find("***") != std::string::npos; });
}

constexpr const char* kMasked = "(Put the password back in place of ***: it is not in here.)";

/// Compose makes the project's own networks, and refuses to go on without the others.
void write_networks(Page& page, const Manifest& manifest) {
  std::vector<std::string> commands;
  bool is_masked = false;
  for (const auto& network : manifest.networks) {
    if (network.external) {
      commands.push_back(network_command(network));
      is_masked = is_masked || has_masked(network.options);
    }
  }
  if (commands.empty()) {
    return;
  }
  page.gap();
  page.line("It uses networks that Compose does not make for it. Where their addresses are taken,");
  page.line("leave --subnet, --gateway and --ip-range away.");
  if (is_masked) {
    page.line(kMasked);
  }
  page.commands(commands);
}

void write_stack(Page& page, const Manifest& manifest) {
  page.heading("The stack");
  page.line(
      "If the stack is on this engine already, go on with the next step. On another one, its");
  page.line("Compose files come first. They were in " + manifest.working_directory + ":");
  for (const auto& file : manifest.config_files) {
    page.item(file);
  }
  page.line(manifest.definition.empty() ? "This snapshot has no copy of them."
                                        : "Copies of them are here:");
  for (const auto& artifact : manifest.definition) {
    page.item(artifact.path);
  }
  write_networks(page, manifest);
  page.line("Put the files in place and create the containers with `docker compose create`. The");
  page.line("services ran these images, and had these environment variables, whose values are not");
  page.line("in here:");
  for (const auto& service : manifest.services) {
    std::string line = service.name + ": " + service.image;
    if (!service.image_digests.empty()) {
      line += " (" + joined(service.image_digests) + ")";
    }
    page.item(line + (service.environment.empty() ? "" : "; " + joined(service.environment)));
  }
}

void write_stop(Page& page, const Manifest& manifest) {
  const auto names = services_to_stop(manifest);
  if (names.empty()) {
    return;
  }
  page.heading("Stop what uses the data");
  std::vector<std::string> words = {"stop"};
  words.insert(words.end(), names.begin(), names.end());
  page.commands({compose_command(manifest, words)});
}

void write_volume(Page& page, const Manifest& manifest, const VolumeRecord& volume) {
  page.line("Volume " + volume.key + ", on its host " + volume.name + ", as it was " +
            std::string(to_string(volume.grade)) + ", " + std::to_string(volume.entries) +
            " entries:");
  if (has_masked(volume.options)) {
    page.line(kMasked);
  }
  if (!volume.excluded.empty()) {
    page.line("(Without " + joined(volume.excluded) + ": that was excluded.)");
  }
  page.commands(volume.kind == "anonymous" ? anonymous_volume_commands(manifest, volume)
                                           : volume_commands(volume));
}

void write_volumes(Page& page, const Manifest& manifest) {
  if (std::ranges::all_of(manifest.volumes, is_bind)) {
    return;
  }
  page.heading("Volumes");
  for (const auto& volume : manifest.volumes) {
    if (!is_bind(volume)) {
      write_volume(page, manifest, volume);
    }
  }
}

void write_binds(Page& page, const Manifest& manifest) {
  if (std::ranges::none_of(manifest.volumes, is_bind)) {
    return;
  }
  page.heading("Bind mounts");
  page.line("These are files of the engine's host: run this there, as root.");
  for (const auto& volume : manifest.volumes) {
    if (is_bind(volume)) {
      page.commands(bind_commands(volume));
    }
  }
}

void write_databases(Page& page, const Manifest& manifest) {
  if (manifest.databases.empty()) {
    return;
  }
  page.heading("Databases");
  page.line("The servers must run. A new volume is initialised by the first start.");
  std::set<std::string> servers;
  for (const auto& database : manifest.databases) {
    servers.insert(database.service);
  }
  std::vector<std::string> words = {"start"};
  words.insert(words.end(), servers.begin(), servers.end());
  std::vector<std::string> commands = {database_tool_function(manifest),
                                       compose_command(manifest, words)};
  for (const auto& name : servers) {
    commands.push_back(await_database_command(name));
  }
  page.commands(commands);
  for (const auto& server : manifest.servers) {
    if (server.globals) {
      page.line("Roles of " + server.service +
                ". That some exist already is reported and no harm;");
      page.line("all of them get the attributes that they had:");
      page.commands({roles_command(server)});
    }
  }
  for (const auto& database : manifest.databases) {
    page.line("Database " + database.name + " of " + database.service + " (" + database.engine +
              " " + database.server_version + "). If there is one of that name, put it aside:");
    page.commands({rename_database_command(database)});
    page.line("Settings of the database itself are in manifest.json, in its \"properties\".");
    page.commands(database_commands(database));
  }
}

void write_missing(Page& page, const Manifest& manifest) {
  page.heading("What is not in this snapshot");
  page.item("values of environment variables, and whatever else the Compose files refer to");
  for (const auto& item : manifest.uncovered) {
    page.item(item.what + ": " + item.reason);
  }
}

}  // namespace

std::string recovery_text(const Manifest& manifest) {
  Page page;
  write_top(page, manifest);
  write_check(page, manifest);
  write_stack(page, manifest);
  write_stop(page, manifest);
  write_volumes(page, manifest);
  write_binds(page, manifest);
  write_databases(page, manifest);
  page.heading("Start everything");
  page.commands({compose_command(manifest, {"start"})});
  write_missing(page, manifest);
  return page.text();
}

}  // namespace controller
