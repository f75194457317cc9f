// What a command has found out about its own job, for those who are told how it went.
#pragma once

#include <cstdint>
#include <string>

namespace controller {

/// Empty or 0 where it is not known, or the job ended before it was.
struct JobFacts {
  std::string project;
  std::string snapshot;
  std::uint64_t bytes = 0;      // of the snapshot that was made
  double downtime_seconds = 0;  // the longest any service was down
  std::string remark;           // why it is degraded; lines
};

}  // namespace controller
