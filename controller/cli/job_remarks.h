// What people are to know of a job that did not fail.
#pragma once

#include <mutex>
#include <string>

#include "controller/cli/job_facts.h"
#include "controller/reporter.h"

namespace controller {

/// Adds a line to the remark.
void add_remark(JobFacts& facts, const std::string& line);

/// Passes all on; a warning is a remark on the job, too.
class JobRemarks : public Reporter {
 public:
  /// Both outlive it.
  JobRemarks(Reporter& reporter, JobFacts& facts) : reporter_(reporter), facts_(facts) {}

  void phase(const std::string& text) override { reporter_.phase(text); }
  void progress(const ComponentProgress& progress) override { reporter_.progress(progress); }
  void warning(const std::string& text) override;
  void output(const std::string& source, const std::string& line) override {
    reporter_.output(source, line);
  }

 private:
  Reporter& reporter_;
  std::mutex mutex_;  // guards the facts' remark
  JobFacts& facts_;
};

}  // namespace controller
