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

/// Makes the volume as it was, unless there is one of its name; empties it; fills it.
std::vector<std::string> volume_commands(const VolumeRecord& volume);

/// An anonymous volume has another name on every host: finds it by its container, then as above.
std::vector<std::string> anonymous_volume_commands(const Manifest& manifest,
                                                   const VolumeRecord& volume);

/// For root on the engine's host.
std::vector<std::string> bind_commands(const VolumeRecord& volume);

/// Creates the roles; those that exist stay as they are.
std::string roles_command(const Manifest& manifest, const ServerRecord& server);

/// Puts a live database of that name aside.
std::string rename_database_command(const Manifest& manifest, const DatabaseRecord& database);

/// Creates the database from template0 and fills it.
std::vector<std::string> database_commands(const Manifest& manifest,
                                           const DatabaseRecord& database);

}  // namespace controller
