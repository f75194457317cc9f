#include "controller/cli/job_remarks.h"

namespace controller {

void add_remark(JobFacts& facts, const std::string& line) {
  facts.remark += (facts.remark.empty() ? "" : "\n") + line;
}

void JobRemarks::warning(const std::string& text) {
  reporter_.warning(text);
  const std::scoped_lock lock(mutex_);
  add_remark(facts_, text);
}

}  // namespace controller
