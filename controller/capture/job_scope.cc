#include "controller/capture/job_scope.h"

namespace controller {

JobScope::JobScope(Journal& journal, const std::string& kind, const std::string& snapshot,
                   const std::string& project, OnFailure on_failure)
    : journal_(journal), on_failure_(on_failure), id_(journal.begin(kind, snapshot, project)) {}

void JobScope::intend(const Step& step) {
  steps_.push_back(journal_.intend(id_, step));
}

void JobScope::settle_all() {
  for (const auto step : steps_) {
    journal_.settle(step);
  }
  steps_.clear();
}

void JobScope::finish(const std::string& state) {
  settle_all();
  journal_.finish(id_, state, "");
  finished_ = true;
}

JobScope::~JobScope() {
  if (finished_ || on_failure_ == OnFailure::LeaveToReplay) {
    return;
  }
  try {
    settle_all();
    journal_.finish(id_, "failed", "");
  } catch (const JournalError&) {
    // An open job is looked at again by the next start, which finds nothing left to undo.
  }
}

}  // namespace controller
