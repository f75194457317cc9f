// plans/NAME.txt: a case, a line "---", and the plan it must come to.
#include "controller/retention/retention_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/controller/retention/plan_case.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(COFFERDAM_TEST_DATA "/plans")) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class RetentionPlans : public testing::TestWithParam<fs::path> {};

TEST_P(RetentionPlans, AreAsWritten) {
  const std::string line = "---\n";
  const auto text = text_of(GetParam());
  const auto middle = text.find(line);
  ASSERT_NE(middle, std::string::npos);
  const auto one = read_case(text.substr(0, middle));

  EXPECT_EQ(case_text(plan_retention(one.policies, one.snapshots, one.moment)),
            text.substr(middle + line.size()));
}

INSTANTIATE_TEST_SUITE_P(Golden, RetentionPlans, testing::ValuesIn(golden_files()),
                         [](const auto& tested) { return tested.param.stem().string(); });

TEST(RetentionPlan, NamesWhatGoesOldestFirst) {
  const auto one = read_case(
      "policy last=1\nnow 2026-11-27T03:00:00Z\n"
      "every 24h 2026-11-25T02:00:00Z 2026-11-27T02:00:00Z");

  EXPECT_EQ(dropped(plan_retention(one.policies, one.snapshots, one.moment)),
            (std::vector<std::string>{"20261125T020000Z", "20261126T020000Z"}));
}

}  // namespace
}  // namespace controller
