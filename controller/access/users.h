// Who may log in.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/access/access_file.h"
#include "controller/access/password_hash.h"

namespace controller {

struct AccessUser {
  std::string name;
  std::chrono::sys_seconds changed_at;  // the password

  friend bool operator==(const AccessUser&, const AccessUser&) = default;
};

/// Names are letters, digits, '.', '-', '_' and '@', 64 at most.  All throw AccessError.
class Users {
 public:
  explicit Users(AccessFile& file, const HashCost& cost = {}) : file_(file), cost_(cost) {}

  /// Adds the user, or changes the password; whoever was logged in under that name is no more.
  /// Throws std::invalid_argument: a bad name, a password of less than 12 or more than 1024 bytes.
  void put(const std::string& name, const Secret& password, std::chrono::sys_seconds now);

  /// False: there is none.  Ends the sessions, too.
  bool remove(const std::string& name);

  std::vector<AccessUser> all();

  /// Takes as long for a user who does not exist.
  bool knows(const std::string& name, const Secret& password);

 private:
  std::optional<std::string> hash_of(const std::string& name);

  AccessFile& file_;
  HashCost cost_;
};

}  // namespace controller
