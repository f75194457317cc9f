// A job in the journal, from its beginning to its one end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/outage/journal.h"

namespace controller {

/// Destroyed without finish(), the job is recorded as failed; its containers' steps that are still
/// open stay open, so that the next start brings them back.
class JobScope {
 public:
  JobScope(Journal& journal, const std::string& kind, const std::string& snapshot,
           const std::string& project);
  JobScope(const JobScope&) = delete;
  JobScope& operator=(const JobScope&) = delete;
  ~JobScope();

  [[nodiscard]] const std::string& id() const { return id_; }

  /// Writes an intent that finish() and the destructor settle: whoever holds it undoes it before.
  void intend(const Step& step);

  void finish(const std::string& state);

 private:
  void settle_all();

  Journal& journal_;
  std::string id_;
  std::vector<std::int64_t> steps_;
  bool finished_ = false;
};

}  // namespace controller
