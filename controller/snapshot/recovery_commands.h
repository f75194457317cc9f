// The commands of RECOVERY.txt, each one line of bash to be run in the snapshot's folder.
#pragma once

#include <string>
#include <vector>

#include "controller/snapshot/manifest.h"

namespace controller {

/// Prints "<path>: OK", and fails if the file is not what was stored.
std::string check_command(const Artifact& artifact);

/// The same for manifest.json, by its own seal.
std::string check_manifest_command();

/// docker compose on the project, whichever directory it came from.
std::string compose_command(const Manifest& manifest, const std::vector<std::string>& words);

/// Makes the network as it was, unless there is one of its name.
std::string network_command(const NetworkRecord& network);

/// Makes the volume as it was, unless there is one of its name; empties it; fills it.
std::vector<std::string> volume_commands(const VolumeRecord& volume);

/// An anonymous volume has another name on every host: finds it by its container, then as above.
std::vector<std::string> anonymous_volume_commands(const Manifest& manifest,
                                                   const VolumeRecord& volume);

/// For root on the engine's host.
std::vector<std::string> bind_commands(const VolumeRecord& volume);

/// Defines `in_db SERVICE TOOL …`, which the commands below use: runs a client program in the
/// container of a database as its superuser, whose name is at hand there.
std::string database_tool_function(const Manifest& manifest);

/// Waits for a server.  Asked over TCP, which a server that is still initialising does not answer.
std::string await_database_command(const std::string& name);

/// Creates the roles; those that exist stay.
std::string roles_command(const ServerRecord& server);

/// Puts a live database of that name aside.
std::string rename_database_command(const DatabaseRecord& database);

/// Creates the database from template0 and fills it.
std::vector<std::string> database_commands(const DatabaseRecord& database);

}  // namespace controller
