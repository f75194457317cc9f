#include "controller/database/postgres_login.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace controller {

namespace {

using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

/// The first of `names` that is set, directly or as …_FILE.
std::optional<std::string> setting(const dockerapi::Container& container,
                                   const std::vector<std::string>& names,
                                   const ReadFile& read_file) {
  for (const auto& name : names) {
    if (auto value = dockerapi::env_value(container, name); value && !value->empty()) {
      return value;
    }
    const auto path = dockerapi::env_value(container, name + "_FILE");
    if (!path || path->empty()) {
      continue;
    }
    if (auto text = read_file(*path)) {
      // As a shell's "$(<file)" reads it.
      while (text->ends_with('\n')) {
        text->pop_back();
      }
      return text;
    }
  }
  return std::nullopt;
}

/// The value of "-p 5433", "-p5433", "-c port=5433", "--port=5433" at `at`; empty if it is none.
std::string_view port_argument(const std::vector<std::string>& command, std::size_t at) {
  const std::string_view word = command[at];
  const std::string_view next =
      at + 1 < command.size() ? std::string_view(command[at + 1]) : std::string_view();
  constexpr std::string_view kSetting = "port=";
  if (word == "-p") {
    return next;
  }
  if (word == "-c" && next.starts_with(kSetting)) {
    return next.substr(kSetting.size());
  }
  for (const std::string_view prefix : {"--port=", "-cport=", "-p"}) {
    if (word.starts_with(prefix)) {
      return word.substr(prefix.size());
    }
  }
  return {};
}

}  // namespace

std::vector<PostgresLogin> postgres_logins(const dockerapi::Container& container,
                                           const ReadFile& read_file) {
  const auto find = [&](const std::vector<std::string>& names) {
    return setting(container, names, read_file);
  };
  const std::string user =
      find({"POSTGRES_USER", "POSTGRESQL_USERNAME", "POSTGRESQL_USER"}).value_or("postgres");
  const std::string password =
      find({"POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD", "POSTGRES_PASS", "PGPASSWORD"})
          .value_or("");
  const std::string database =
      find({"POSTGRES_DB", "POSTGRESQL_DATABASE", "POSTGRES_DBNAME"}).value_or(user);

  std::vector<PostgresLogin> logins;
  // Bitnami's image gives the superuser a password of its own when it makes an ordinary user.
  if (const auto superuser = find({"POSTGRESQL_POSTGRES_PASSWORD", "POSTGRES_POSTGRES_PASSWORD"})) {
    logins.push_back({"postgres", *superuser, database});
  }
  logins.push_back({user, password, database});
  return logins;
}

std::string postgres_port(const dockerapi::Container& container) {
  for (std::size_t at = 0; at < container.command.size(); ++at) {
    const auto port = port_argument(container.command, at);
    if (!port.empty() &&
        std::all_of(port.begin(), port.end(), [](char one) { return one >= '0' && one <= '9'; })) {
      return std::string(port);
    }
  }
  for (const char* name : {"PGPORT", "POSTGRESQL_PORT_NUMBER"}) {
    if (auto value = dockerapi::env_value(container, name); value && !value->empty()) {
      return *value;
    }
  }
  return "5432";
}

}  // namespace controller
