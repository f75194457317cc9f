#include "controller/cli/job_views.h"

#include <nlohmann/json.hpp>

#include "controller/cli/text_table.h"
#include "controller/units.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json null_if_empty(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json json_of(const ComponentProgress& progress) {
  return {{"component", progress.component},
          {"bytes", progress.bytes},
          {"total", progress.total},
          {"entries", progress.entries},
          {"finished", progress.finished}};
}

Json json_of(const Job& job) {
  Json components = Json::array();
  for (const auto& progress : job.components) {
    components.push_back(json_of(progress));
  }
  return {{"id", job.id},
          {"kind", job.kind},
          {"state", to_string(job.state)},
          {"command", job.command},
          {"started_by", job.started_by},
          {"started_at", job.started_at},
          {"finished_at", null_if_empty(job.finished_at)},
          {"exit_code", job.finished_at.empty() ? Json() : Json(job.exit_code)},
          {"message", null_if_empty(job.message)},
          {"phase", null_if_empty(job.phase)},
          {"components", std::move(components)}};
}

/// What one that is open does: its phase, then the components that are on their way.
std::string standing_text(const Job& job) {
  std::string text = line("\n" + job.id + "  ", job.phase.empty() ? "begins" : job.phase);
  for (const auto& progress : job.components) {
    if (!progress.finished) {
      const auto total = progress.total > 0 ? " of " + human_bytes(progress.total) : "";
      text += line("  ", progress.component + "  " + human_bytes(progress.bytes) + total);
    }
  }
  return text;
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
  std::string text = table(std::move(rows));
  for (const auto& job : jobs) {
    text += is_open(job.state) ? standing_text(job) : "";
  }
  return text;
}

std::string job_json(const Job& job) {
  return dump(json_of(job));
}

std::string jobs_json(const std::vector<Job>& jobs) {
  Json array = Json::array();
  for (const auto& job : jobs) {
    array.push_back(json_of(job));
  }
  return dump(array);
}

std::string accepted_json(const std::string& job, const std::string& state) {
  return dump({{"job", job}, {"state", state}});
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
