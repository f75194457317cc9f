// What somebody may do through the HTTP API.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace controller {

/// Read: look at everything but secrets.  Backup: make, verify, copy, pin.  Restore: replace live
/// data and go back.  Admin: all of it, and delete, and say who may do what.
enum class Scope { Read, Backup, Restore, Admin };
using Scopes = std::set<Scope>;

/// "read", "backup", "restore", "admin".
std::string_view to_string(Scope scope);

/// "read,backup".
std::string to_string(const Scopes& scopes);

/// Of "read,backup".  Throws std::invalid_argument: an unknown one, or none.
Scopes parse_scopes(std::string_view text);

/// Admin has every scope, and everybody has Read.
bool allows(const Scopes& scopes, Scope needed);

/// Who asks, once that is known.
struct Identity {
  std::string name;  // "user admin", "token ci"
  Scopes scopes;
  std::string session;  // its id; empty: a token
  std::string token;    // its id; empty: a session
};

}  // namespace controller
