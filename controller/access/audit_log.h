// Who did what through the API, or changed who may: lines of JSON, each with the SHA-256 of the one
// before it, so that none can be changed, removed or put in unnoticed.  Only the newest ones can
// be cut off: whoever wants to see that, too, notes the last digest elsewhere.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controller/access/access_file.h"

namespace controller {

struct AuditEntry {
  std::string at;      // RFC 3339 UTC
  std::string who;     // "user admin", "token ci", "cli"; empty: nobody knows
  std::string source;  // an address; empty: the sidecar's own command line
  std::string action;  // "login", "create", "token create"
  std::string object;  // what it was done to; empty: nothing in particular
  std::string result;  // "asked" before it is done; then "ok", or "refused 409"

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

/// All of them, oldest first.
struct AuditTrail {
  std::vector<AuditEntry> entries;  // those before the first broken link
  std::string last_digest;
  std::string problem;  // what is wrong with the chain; empty: nothing
};

/// All throw AccessError.
class AuditLog {
 public:
  explicit AuditLog(AccessFile& file) : file_(file) {}

  void add(const AuditEntry& entry);

  AuditTrail read();

 private:
  AccessFile& file_;
};

}  // namespace controller
