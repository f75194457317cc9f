#include "controller/snapshot/recovery_commands.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "controller/archive/compression.h"
#include "controller/snapshot/shell_quote.h"

namespace controller {
namespace {

constexpr const char* kImage = "debian:stable-slim";

/// "zstd -dc FILE", which never asks for the tool that is not needed.
std::string unpack_command(const Artifact& artifact) {
  switch (method_of(artifact.path)) {
    case Compression::Method::Zstd:
      return shell_command({"zstd", "-dc", artifact.path});
    case Compression::Method::Gzip:
      return shell_command({"gzip", "-dc", artifact.path});
    case Compression::Method::None:
      break;
  }
  return shell_command({"cat", artifact.path});
}

std::vector<std::string> extract_words(const std::string& target) {
  return {"tar", "--numeric-owner", "--xattrs", "--xattrs-include=*", "--acls", "-xpf", "-", "-C",
          target};
}

std::string assignment(std::string option, const std::string& name, const std::string& value) {
  return option.append(name).append("=").append(value);
}

std::vector<std::string> joined(std::vector<std::string> words,
                                const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// `volume` is a word of bash already.
std::vector<std::string> fill_commands(const std::string& volume, const Artifact& artifact) {
  const std::string run = "docker run --rm -i -v " + volume + ":/target " + kImage + " ";
  return {run + "find /target -mindepth 1 -delete",
          unpack_command(artifact) + " | " + run + shell_command(extract_words("/target"))};
}

/// Of a volume or network: "docker KIND inspect NAME || docker KIND create … NAME".
std::string create_command(const std::string& kind, const auto& record,
                           const std::vector<std::string>& more) {
  std::vector<std::string> create = {"docker", kind, "create"};
  if (!record.driver.empty()) {
    create.push_back("--driver=" + record.driver);
  }
  for (const auto& [name, value] : record.options) {
    create.push_back(assignment("--opt=", name, value));
  }
  for (const auto& [name, value] : record.labels) {
    create.push_back(assignment("--label=", name, value));
  }
  create = joined(std::move(create), more);
  create.push_back(record.name);
  return shell_command({"docker", kind, "inspect", record.name}) + " >/dev/null 2>&1 || " +
         shell_command(create);
}

std::string database_tool(const std::string& name, const std::vector<std::string>& words) {
  return shell_command(joined({"in_db", name}, words));
}

/// A name with '=' in it would be taken for a connection string: then it is made one.
std::string connection_name(const std::string& database) {
  const auto plain = [](char one) {
    return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
           one == '_' || one == '-' || one == '.';
  };
  if (std::ranges::all_of(database, plain)) {
    return database;
  }
  std::string text = "dbname='";
  for (const char one : database) {
    text += one == '\'' || one == '\\' ? std::string{'\\', one} : std::string(1, one);
  }
  return text + "'";
}

std::string identifier(const std::string& name) {
  std::string text = "\"";
  for (const char one : name) {
    text += one == '"' ? std::string("\"\"") : std::string(1, one);
  }
  return text + "\"";
}

std::vector<std::string> createdb_words(const DatabaseRecord& database) {
  std::vector<std::string> words = {"createdb",
                                    "--maintenance-db=template1",
                                    "--template=template0",
                                    "--encoding=" + database.encoding,
                                    "--lc-collate=" + database.collation,
                                    "--lc-ctype=" + database.character_type};
  if (database.locale_provider == "icu") {
    words.insert(words.end(), {"--locale-provider=icu", "--icu-locale=" + database.locale});
  } else if (database.locale_provider == "builtin") {
    words.insert(words.end(), {"--locale-provider=builtin", "--builtin-locale=" + database.locale});
  }
  if (!database.owner.empty()) {
    words.push_back("--owner=" + database.owner);
  }
  words.insert(words.end(), {"--", database.name});
  return words;
}

}  // namespace

std::string check_command(const Artifact& artifact) {
  // What sha256sum itself prints, and reads again, for names with such bytes in them.
  std::string line;
  for (const char one : artifact.path) {
    line += one == '\\' ? "\\\\" : one == '\n' ? "\\n" : std::string(1, one);
  }
  const bool escaped = line != artifact.path;
  return shell_command({"echo", (escaped ? "\\" : "") + artifact.sha256 + "  " + line}) +
         " | sha256sum -c -";
}

std::string check_manifest_command() {
  return "test \"$(head -n -2 manifest.json | sha256sum | cut -c 1-64)\" = "
         "\"$(tail -n 2 manifest.json | grep -o '[0-9a-f]\\{64\\}')\" && echo 'manifest.json: OK' "
         "|| { echo 'manifest.json: FAILED'; false; }";
}

std::string compose_command(const Manifest& manifest, const std::vector<std::string>& words) {
  return shell_command(joined({"docker", "compose", "-p", manifest.project}, words));
}

std::string network_command(const NetworkRecord& network) {
  std::vector<std::string> words;
  const auto add = [&](const std::string& option, const std::string& value) {
    if (!value.empty()) {
      words.push_back(option + "=" + value);
    }
  };
  for (const auto& pool : network.pools) {
    add("--subnet", pool.subnet);
    add("--gateway", pool.gateway);
    add("--ip-range", pool.ip_range);
  }
  for (const auto& [option, is_set] :
       {std::pair("--internal", network.internal), std::pair("--attachable", network.attachable),
        std::pair("--ipv6", network.enable_ipv6)}) {
    if (is_set) {
      words.emplace_back(option);
    }
  }
  return create_command("network", network, words);
}

std::vector<std::string> volume_commands(const VolumeRecord& volume) {
  std::vector<std::string> commands = {create_command("volume", volume, {})};
  const auto fill = fill_commands(shell_quoted(volume.name), volume.artifact);
  commands.insert(commands.end(), fill.begin(), fill.end());
  return commands;
}

std::vector<std::string> anonymous_volume_commands(const Manifest& manifest,
                                                   const VolumeRecord& volume) {
  std::string go_text;  // a string of Go's templates
  for (const char one : volume.destination) {
    go_text += one == '"' || one == '\\' ? std::string{'\\', one} : std::string(1, one);
  }
  const std::string format =
      "{{range .Mounts}}{{if eq .Destination \"" + go_text + "\"}}{{.Name}}{{end}}{{end}}";
  std::vector<std::string> commands = {
      "volume=$(docker inspect -f " + shell_quoted(format) + " \"$(" +
      compose_command(manifest, {"ps", "-aq", volume.service}) + " | head -n 1)\")"};
  const auto fill = fill_commands("\"$volume\"", volume.artifact);
  commands.insert(commands.end(), fill.begin(), fill.end());
  return commands;
}

std::vector<std::string> bind_commands(const VolumeRecord& volume) {
  const auto path = std::filesystem::path(volume.name);
  // An archive of one file has no root directory; an empty directory has no content.
  if (volume.entries == 1 && volume.content_bytes > 0) {
    return {shell_command({"mkdir", "-p", path.parent_path().string()}),
            unpack_command(volume.artifact) + " | tar -xOf - > " + shell_quoted(volume.name)};
  }
  return {shell_command({"mkdir", "-p", volume.name}),
          shell_command({"find", volume.name, "-mindepth", "1", "-delete"}),
          unpack_command(volume.artifact) + " | " + shell_command(extract_words(volume.name))};
}

std::string database_tool_function(const Manifest& manifest) {
  return "in_db() { " + compose_command(manifest, {"exec", "-T"}) +
         " \"$1\" sh -c 'exec \"$0\" -U \"${POSTGRES_USER:-postgres}\" \"$@\"' \"${@:2}\"; }";
}

std::string await_database_command(const std::string& name) {
  return "until " + database_tool(name, {"pg_isready", "-q", "-h", "127.0.0.1"}) +
         "; do sleep 1; done";
}

std::string roles_command(const ServerRecord& server) {
  return unpack_command(*server.globals) + " | " +
         database_tool(server.service, {"psql", "-X", "-q", "-d", "template1"});
}

std::string rename_database_command(const DatabaseRecord& database) {
  return database_tool(database.service,
                       {"psql", "-X", "-d", "template1", "-c",
                        "ALTER DATABASE " + identifier(database.name) + " RENAME TO " +
                            identifier(database.name + ".before")});
}

std::vector<std::string> database_commands(const DatabaseRecord& database) {
  const auto name = connection_name(database.name);
  std::vector<std::string> fill = {"pg_restore", "--exit-on-error", "-d", name};
  if (database.format == "plain") {
    fill = {"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-d", name};
  }
  return {database_tool(database.service, createdb_words(database)),
          unpack_command(database.artifact) + " | " + database_tool(database.service, fill),
          database_tool(database.service, {"psql", "-X", "-d", name, "-c", "ANALYZE"})};
}

}  // namespace controller
