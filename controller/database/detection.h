// Which containers are database servers, and by what evidence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dockerapi/container.h"

namespace controller {

/// A container that runs a database server of a kind we can dump.
struct DatabaseDetection {
  std::string engine;                 // "postgres"
  std::vector<std::string> evidence;  // "image postgis/postgis:16-3.4", "environment POSTGRES_DB"
  std::string data_directory;         // path in the container below which its files lie

  friend bool operator==(const DatabaseDetection&, const DatabaseDetection&) = default;
};

/// Judges by label `cofferdam.database`, image and environment; `cluster_volumes` are destinations
/// of mounts that were seen to hold a PostgreSQL cluster.  Absent: none that we know.  The label
/// "none" always wins; one container is never guessed to be a database by its port.
std::optional<DatabaseDetection> detect_database(const dockerapi::Container& container,
                                                 const std::vector<std::string>& cluster_volumes);

}  // namespace controller
