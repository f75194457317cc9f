#include "controller/archive/problem_log.h"

#include <stdexcept>
#include <utility>

namespace controller {
namespace {

constexpr std::size_t kMostWarnings = 1000;

}  // namespace

void ProblemLog::changed(const std::string& path, const std::string& text) {
  if (liveness_ == Liveness::Still) {
    throw std::runtime_error((path.empty() ? "the root" : path) + " " + text +
                             ", although everybody who writes there was stopped");
  }
  note(path, text);
}

void ProblemLog::note(const std::string& path, const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (warnings_.size() < kMostWarnings) {
    warnings_.push_back({path, text});
  } else {
    ++more_;
  }
}

std::vector<ArchiveWarning> ProblemLog::take() {
  const std::lock_guard lock(mutex_);
  if (more_ > 0) {
    warnings_.push_back({"", std::to_string(more_) + " more warnings"});
  }
  return std::move(warnings_);
}

}  // namespace controller
