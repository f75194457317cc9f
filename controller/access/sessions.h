// Who is logged in.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/access/access_file.h"
#include "controller/remote/secret.h"

namespace controller {

struct Session {
  std::string id;
  std::string user;
  std::string source;  // the address that logged in
  std::chrono::sys_seconds created_at;
  std::chrono::sys_seconds used_at;  // to the minute

  friend bool operator==(const Session&, const Session&) = default;
};

/// How long a session lasts.
struct SessionLimits {
  std::chrono::seconds idle = std::chrono::hours{12};
  std::chrono::seconds absolute = std::chrono::hours{7 * 24};
};

/// All throw AccessError.
class Sessions {
 public:
  explicit Sessions(AccessFile& file, const SessionLimits& limits = {})
      : file_(file), limits_(limits) {}

  /// The text that the browser keeps; it is kept nowhere else.  Forgets the sessions that are over.
  Secret begin(const std::string& user, const std::string& source, std::chrono::sys_seconds now);

  /// Absent: there is none, or it is over.  Notes that it was used.
  std::optional<Session> find(const std::string& text, std::chrono::sys_seconds now);

  /// Whether the session is not over.  Does not count as use.
  bool holds(const std::string& id, std::chrono::sys_seconds now);

  /// Those that are not over, oldest first.
  std::vector<Session> all(std::chrono::sys_seconds now);

  /// False: there is none of that user.
  bool end(const std::string& id, const std::string& user);

 private:
  AccessFile& file_;
  SessionLimits limits_;
};

}  // namespace controller
