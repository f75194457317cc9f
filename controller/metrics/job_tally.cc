#include "controller/clock.h"
#include "controller/metrics/figures.h"

namespace controller {

namespace {

void add_duration(RunTally& tally, const Job& job) {
  const auto started = time_from_rfc3339(job.started_at);
  const auto finished = time_from_rfc3339(job.finished_at);
  if (!started || !finished) {
    return;  // it was interrupted: nobody knows when
  }
  const auto seconds = (*finished - *started).count();
  ++tally.timed;
  tally.seconds += static_cast<double>(seconds);
  for (std::size_t i = 0; i < RunTally::kBounds.size(); ++i) {
    tally.within.at(i) += seconds <= RunTally::kBounds.at(i) ? 1U : 0U;
  }
}

}  // namespace

bool JobTally::look(const std::vector<Job>& jobs) {
  bool news = false;
  std::map<std::string, bool> now;
  for (const auto& job : jobs) {
    const bool ended = !is_open(job.state);
    const auto before = seen_.find(job.id);
    if (ended && looked_ && (before == seen_.end() || !before->second)) {
      auto& tally = tallies_[job.kind];
      ++tally.ended[job.state];
      add_duration(tally, job);
      news = true;
    }
    now[job.id] = ended;
  }
  seen_ = std::move(now);
  looked_ = true;
  return news;
}

RunTally JobTally::of(const std::string& kind) const {
  const auto found = tallies_.find(kind);
  return found == tallies_.end() ? RunTally() : found->second;
}

}  // namespace controller
