// What happens to jobs, seen by looking at the book again and again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/api/event_ring.h"
#include "controller/jobs/job_book.h"

namespace controller {

/// For one thread at a time.
class JobWatch {
 public:
  /// What has changed since the last look: "job" with the whole job, "log" with a line of one, and
  /// "inventory" where a job has come to its end.  The first look tells nothing.  Throws
  /// JobBookError.
  std::vector<ApiEvent> look(JobBook& book);

 private:
  struct Known {
    std::string text;
    bool open = false;
    std::int64_t line = 0;  // the last that was told
  };

  void look_at(const Job& job, JobBook& book, std::vector<ApiEvent>& events);

  std::string revision_;  // empty: there was no look yet
  std::map<std::string, Known> known_;
};

}  // namespace controller
