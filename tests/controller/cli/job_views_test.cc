#include "controller/cli/job_views.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace controller {
namespace {

Job job(const std::string& id, const std::string& kind, JobState state) {
  Job one;
  one.id = id;
  one.kind = kind;
  one.command = "cofferdam " + kind;
  one.started_by = "cli";
  one.started_at = "2026-11-27T02:00:00Z";
  one.state = state;
  return one;
}

std::vector<Job> example() {
  const auto waits = job("cccc", "prune", JobState::Queued);
  auto works = job("bbbb", "create", JobState::Running);
  works.phase = "copying volumes";
  works.components = {{"volume redis", 1024, 1024, true, 3},
                      {"volume files", 2048, 4096, false, 1}};
  auto failed = job("aaaa", "create", JobState::Failed);
  failed.finished_at = "2026-11-27T02:00:01Z";
  failed.exit_code = 1;
  failed.phase = "stopping api";
  return {waits, works, failed};
}

TEST(JobViews, ShowWhatOpenJobsDo) {
  EXPECT_EQ(jobs_text(example()),
            "JOB   STARTED               FINISHED              STATE    BY   COMMAND\n"
            "cccc  2026-11-27T02:00:00Z  -                     queued   cli  cofferdam prune\n"
            "bbbb  2026-11-27T02:00:00Z  -                     running  cli  cofferdam create\n"
            "aaaa  2026-11-27T02:00:00Z  2026-11-27T02:00:01Z  failed   cli  cofferdam create\n"
            "\n"
            "cccc  begins\n"
            "\n"
            "bbbb  copying volumes\n"
            "  volume files  2.0 KiB of 4.0 KiB\n");
}

TEST(JobViews, AreJsonForScripts) {
  const auto json = nlohmann::json::parse(jobs_json(example()));
  EXPECT_EQ(json[0]["state"], "queued");
  EXPECT_EQ(json[0]["phase"], nullptr);
  EXPECT_EQ(json[0]["components"], nlohmann::json::array());
  EXPECT_EQ(json[1]["components"][1], (nlohmann::json{{"component", "volume files"},
                                                      {"bytes", 2048},
                                                      {"total", 4096},
                                                      {"entries", 1},
                                                      {"finished", false}}));
  EXPECT_EQ(json[2]["exit_code"], 1);
  EXPECT_EQ(accepted_json("ab12", "queued"), "{\"job\":\"ab12\",\"state\":\"queued\"}\n");
}

}  // namespace
}  // namespace controller
