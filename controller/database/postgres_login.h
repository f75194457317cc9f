// How to log in to the server of a container: what its environment says.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dockerapi/container.h"

namespace controller {

struct PostgresLogin {
  std::string user;
  std::string password;  // empty: none known; the image's pg_hba often trusts 127.0.0.1
  std::string database;  // one that should exist

  friend bool operator==(const PostgresLogin&, const PostgresLogin&) = default;
};

/// Logins worth trying, the most powerful first; never empty.  Variables of the official image,
/// Bitnami's and kartoza's, each also as …_FILE, which `read_file` reads in the container (absent:
/// it cannot be read).
std::vector<PostgresLogin> postgres_logins(
    const dockerapi::Container& container,
    const std::function<std::optional<std::string>(const std::string& path)>& read_file);

/// The port that its environment or its command line sets, else "5432".
std::string postgres_port(const dockerapi::Container& container);

}  // namespace controller
