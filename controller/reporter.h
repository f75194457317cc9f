// How a job tells whoever watches what it is doing.
#pragma once

#include <cstdint>
#include <string>

namespace controller {

/// How far one component (a volume, a database, an artifact being checked) has come.
struct ComponentProgress {
  std::string component;    // "volume redis", "database postgis/app"
  std::uint64_t bytes = 0;  // done
  std::uint64_t total = 0;  // expected; 0: unknown
  bool finished = false;
  std::uint64_t entries = 0;  // of a volume, done
};

/// Calls may come from several threads; none of them throws.
class Reporter {
 public:
  virtual ~Reporter() = default;

  /// A new part of the job begins: "stopping api, worker".
  virtual void phase(const std::string& text) = 0;
  virtual void progress(const ComponentProgress& progress) = 0;
  virtual void warning(const std::string& text) = 0;

  /// A line that something of the operator's has printed: a hook of service `source`.
  virtual void output(const std::string& source, const std::string& line) {
    phase(source + ": " + line);
  }
};

}  // namespace controller
