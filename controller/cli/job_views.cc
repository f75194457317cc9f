#include "controller/cli/job_views.h"

#include <nlohmann/json.hpp>

#include "controller/cli/text_table.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json null_if_empty(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json json_of(const Job& job) {
  return {{"id", job.id},
          {"kind", job.kind},
          {"state", to_string(job.state)},
          {"command", job.command},
          {"started_by", job.started_by},
          {"started_at", job.started_at},
          {"finished_at", null_if_empty(job.finished_at)},
          {"exit_code", job.finished_at.empty() ? Json() : Json(job.exit_code)},
          {"message", null_if_empty(job.message)}};
}

}  // namespace

std::string jobs_text(const std::vector<Job>& jobs) {
  if (jobs.empty()) {
    return "no jobs\n";
  }
  std::vector<Row> rows = {{"JOB", "STARTED", "FINISHED", "STATE", "BY", "COMMAND"}};
  for (const auto& job : jobs) {
    rows.push_back({job.id, job.started_at, job.finished_at.empty() ? "-" : job.finished_at,
                    to_string(job.state), job.started_by, job.command});
  }
  return table(std::move(rows));
}

std::string jobs_json(const std::vector<Job>& jobs) {
  Json array = Json::array();
  for (const auto& job : jobs) {
    array.push_back(json_of(job));
  }
  return dump(array);
}

std::string job_line_text(const JobLine& one) {
  const bool plain = one.kind == JobLineKind::Phase || one.kind == JobLineKind::Output;
  return line(one.time + "  ", (plain ? "" : to_string(one.kind) + ": ") + one.text);
}

std::string job_line_json(const JobLine& one) {
  return dump({{"number", one.number},
               {"time", one.time},
               {"kind", to_string(one.kind)},
               {"text", one.text}});
}

}  // namespace controller
