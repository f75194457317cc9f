#include "controller/cli/job_watch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/cli/job_views.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kJobsLookedAt = 50;  // no more begin between two looks

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ApiEvent job_event(const Job& job) {
  return {"job", text_of({{"schema", 1}, {"job", Json::parse(job_json(job))}})};
}

ApiEvent log_event(const std::string& job, const JobLine& line) {
  Json data = {{"schema", 1}, {"job", job}};
  data.update(Json::parse(job_line_json(line)));
  return {"log", text_of(data)};
}

}  // namespace

void JobWatch::look_at(const Job& job, JobBook& book, std::vector<ApiEvent>& events) {
  const bool is_new = !known_.contains(job.id);
  auto& known = known_[job.id];
  const auto event = job_event(job);
  if (is_new) {
    events.push_back(event);
  }
  if (is_new || known.open) {
    for (const auto& line : book.lines(job.id, known.line)) {
      events.push_back(log_event(job.id, line));
      known.line = line.number;
    }
  }
  if (!is_new && known.text != event.data) {
    events.push_back(event);
  }
  if (!is_open(job.state) && (is_new || known.open)) {
    events.push_back({"inventory", text_of({{"schema", 1}})});
  }
  known.text = event.data;
  known.open = is_open(job.state);
}

std::vector<ApiEvent> JobWatch::look(JobBook& book) {
  const auto revision = book.revision();
  const bool any_open =
      std::ranges::any_of(known_, [](const auto& one) { return one.second.open; });
  if (revision == revision_ && !any_open) {
    return {};
  }
  auto jobs = book.jobs(kJobsLookedAt);
  for (const auto& [id, known] : known_) {
    if (known.open && std::ranges::find(jobs, id, &Job::id) == jobs.end()) {
      if (auto job = book.find(id)) {
        jobs.push_back(*std::move(job));  // it began long ago
      }
    }
  }
  std::ranges::reverse(jobs);
  std::vector<ApiEvent> events;
  for (const auto& job : jobs) {
    look_at(job, book, events);
  }
  std::erase_if(known_, [&](const auto& one) {
    return std::ranges::find(jobs, one.first, &Job::id) == jobs.end();
  });
  const bool is_first = std::exchange(revision_, revision).empty();
  return is_first ? std::vector<ApiEvent>() : events;
}

}  // namespace controller
