#include "controller/database/detection.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace controller {

namespace {

constexpr std::string_view kDefaultDataDirectory = "/var/lib/postgresql/data";

// A word of the image's own name that says "PostgreSQL server".
constexpr std::array kServerWords = {"postgres", "postgresql",  "postgis", "pgvector",
                                     "pgvecto",  "timescaledb", "vchord",  "pgautoupgrade",
                                     "paradedb", "spilo",       "citus"};
// A word that says that the image is some companion of a server instead.
constexpr std::array kCompanionWords = {
    "exporter", "backup",  "backups",   "s3",         "admin",  "client",   "rest", "meta",
    "proxy",    "bouncer", "pgbouncer", "pool",       "pgpool", "operator", "ui",   "web",
    "dump",     "restore", "migrate",   "migrations", "init",   "api",      "mcp"};
// Programs that an image of a server is also used for.
constexpr std::array kClientPrograms = {
    "psql",          "pg_dump", "pg_dumpall", "pg_basebackup", "pg_restore", "pg_isready",
    "pg_receivewal", "sleep",   "cron",       "crond",         "tail"};
// Only a server is configured with these; an application has POSTGRES_PASSWORD too.
constexpr std::array kServerVariables = {"PGDATA", "POSTGRES_INITDB_ARGS", "POSTGRESQL_DATA_DIR",
                                         "POSTGRESQL_VOLUME_DIR"};
constexpr std::array kVariables = {"POSTGRES_DB",
                                   "POSTGRES_USER",
                                   "POSTGRES_PASSWORD",
                                   "POSTGRES_PASSWORD_FILE",
                                   "POSTGRESQL_DATABASE",
                                   "POSTGRESQL_USERNAME",
                                   "POSTGRESQL_PASSWORD",
                                   "POSTGRESQL_PASSWORD_FILE",
                                   "PGDATA",
                                   "POSTGRESQL_DATA_DIR",
                                   "POSTGRES_INITDB_ARGS",
                                   "POSTGRESQL_VOLUME_DIR"};

template <std::size_t N>
bool contains(const std::array<const char*, N>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const char* one) { return word == one; });
}

/// "pgvector" of "docker.io/pgvector/pgvector:pg16@sha256:…".
std::string_view own_name(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  if (slash != std::string_view::npos) {
    image = image.substr(slash + 1);
  }
  return image.substr(0, image.find(':'));
}

std::vector<std::string_view> words_of(std::string_view name) {
  std::vector<std::string_view> words;
  while (!name.empty()) {
    const auto end = name.find_first_of("-_.");
    words.push_back(name.substr(0, end));
    name = end == std::string_view::npos ? std::string_view() : name.substr(end + 1);
  }
  return words;
}

bool is_server_image(std::string_view image) {
  const auto words = words_of(own_name(image));
  const bool server = std::any_of(words.begin(), words.end(), [](std::string_view word) {
    return contains(kServerWords, word);
  });
  return server && std::none_of(words.begin(), words.end(), [](std::string_view word) {
           return contains(kCompanionWords, word);
         });
}

std::string_view program_of(const dockerapi::Container& container) {
  if (container.command.empty()) {
    return {};
  }
  const std::string_view path = container.command.front();
  return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

bool lies_below(std::string_view path, std::string_view directory) {
  return path == directory || (path.starts_with(directory) && path.size() > directory.size() &&
                               (directory.ends_with('/') || path[directory.size()] == '/'));
}

std::string data_directory_of(const dockerapi::Container& container,
                              const std::vector<std::string>& cluster_volumes) {
  for (const char* name : {"PGDATA", "POSTGRESQL_DATA_DIR"}) {
    if (const auto value = dockerapi::env_value(container, name); value && !value->empty()) {
      return *value;
    }
  }
  if (!cluster_volumes.empty()) {
    return cluster_volumes.front();
  }
  if (container.image.find("bitnami") != std::string::npos) {
    return "/bitnami/postgresql/data";
  }
  return std::string(kDefaultDataDirectory);
}

bool data_is_mounted(const dockerapi::Container& container, const std::string& directory) {
  return std::any_of(container.mounts.begin(), container.mounts.end(), [&](const auto& mount) {
    return mount.writable && lies_below(directory, mount.destination);
  });
}

std::vector<const char*> variables_of(const dockerapi::Container& container) {
  std::vector<const char*> names;
  std::copy_if(kVariables.begin(), kVariables.end(), std::back_inserter(names),
               [&](const char* name) { return dockerapi::env_value(container, name).has_value(); });
  return names;
}

/// Whether a container of a server's image runs the server and not a client or a script of it.
bool runs_server(const dockerapi::Container& container, bool has_cluster) {
  const auto program = program_of(container);
  if (contains(kClientPrograms, program)) {
    return false;
  }
  const bool shell = program == "sh" || program == "bash";
  return !shell || has_cluster;
}

}  // namespace

std::optional<DatabaseDetection> detect_database(const dockerapi::Container& container,
                                                 const std::vector<std::string>& cluster_volumes) {
  DatabaseDetection found;
  found.engine = "postgres";
  found.data_directory = data_directory_of(container, cluster_volumes);

  const auto label = container.labels.find("cofferdam.database");
  const bool labelled = label != container.labels.end();
  if (labelled && label->second != "postgres") {
    return std::nullopt;
  }
  if (labelled) {
    found.evidence.emplace_back("label cofferdam.database=postgres");
  }

  const bool named = is_server_image(container.image);
  if (named) {
    found.evidence.push_back("image " + container.image);
  }
  const auto variables = variables_of(container);
  const bool server_variable =
      std::any_of(variables.begin(), variables.end(),
                  [](const char* name) { return contains(kServerVariables, name); });
  for (const char* name : variables) {
    found.evidence.push_back(std::string("environment ") + name);
  }
  for (const auto& destination : cluster_volumes) {
    found.evidence.push_back("cluster in " + destination);
  }
  if (labelled) {
    return found;
  }

  const bool cluster = !cluster_volumes.empty();
  const bool mounted = data_is_mounted(container, found.data_directory);
  // An unknown image is a server if it is configured as one and keeps the data; an application
  // that only knows the database's password, or copies its files, is neither.
  const bool configured = (cluster && !variables.empty()) || (server_variable && mounted && !named);
  if ((named || configured) && runs_server(container, cluster || mounted)) {
    return found;
  }
  return std::nullopt;
}

}  // namespace controller
