// What kind of thing a mount is, judged by what the engine says of it.
#pragma once

#include <string>

#include "compose/stack.h"

namespace compose {

/// What decides where the engine alone does not know.
struct Surroundings {
  std::string project;                          // between Named and External
  std::string engine_root = "/var/lib/docker";  // where the engine keeps its own files
};

StackVolume::Kind kind_of_volume(const dockerapi::Volume& volume, const Surroundings& around);

/// Bind, or Special: the whole host, kernel file systems, an engine's socket or its files.
StackVolume::Kind kind_of_bind(const std::string& host_path, const Surroundings& around);

/// The key Compose knows the volume by: of its own label, else the name without the project's
/// prefix, else the name.
std::string compose_key(const dockerapi::Volume& volume, const std::string& project);

/// A string equal for two volumes that show the same bytes; empty where nothing is known (a plain
/// volume shows only its own).
std::string place_of(const StackVolume& volume);

/// The directory or file of the host that a bind mount or a BindVolume shows; else empty.
std::string host_path(const StackVolume& volume);

/// True if `inner` is `outer` or lies in it.  No path lies in an empty one.
bool lies_within(const std::string& inner, const std::string& outer);

/// True if one path is the other or lies in it.
bool overlap(const std::string& one, const std::string& other);

/// Options as they may be shown and stored: passwords and credentials in `o` and `device` as "***".
dockerapi::Labels masked_options(const dockerapi::Labels& options);

/// Where the bytes of a Network volume live: "nfs :/exports addr=10.0.0.2", without secrets.
std::string remote_place(const dockerapi::Volume& volume);

}  // namespace compose
