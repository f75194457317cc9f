// API tokens: for scripts and monitors.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/access/access_file.h"
#include "controller/access/scope.h"
#include "controller/remote/secret.h"

namespace controller {

struct ApiToken {
  std::string id;
  std::string name;  // for people; need not be unique
  Scopes scopes;
  std::chrono::sys_seconds created_at;
  std::optional<std::chrono::sys_seconds> used_at;  // to the minute; absent: never

  friend bool operator==(const ApiToken&, const ApiToken&) = default;
};

/// All throw AccessError.
class Tokens {
 public:
  explicit Tokens(AccessFile& file) : file_(file) {}

  struct Made {
    ApiToken token;
    Secret text;  // what its owner shows; kept nowhere
  };
  /// Throws std::invalid_argument: a name that is empty, longer than 64 bytes or not printable.
  Made make(const std::string& name, const Scopes& scopes, std::chrono::sys_seconds now);

  /// False: there is none.
  bool revoke(const std::string& id);

  /// Whether there is one.  Does not count as use.
  bool holds(const std::string& id);

  /// Oldest first.
  std::vector<ApiToken> all();

  /// Absent: there is no such token, or not any more.  Notes that it was used.
  std::optional<ApiToken> find(const std::string& text, std::chrono::sys_seconds now);

 private:
  AccessFile& file_;
};

}  // namespace controller
