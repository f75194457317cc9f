#include "controller/cli/json_view.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace controller {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class JsonView : public testing::Test {
 protected:
  std::unique_ptr<Reporter> view(bool quiet = false) {
    return make_json_view(quiet, {[this](const std::string& line) { lines_.push_back(line); },
                                  [this] { return now_; }});
  }

  Lines take() { return std::exchange(lines_, {}); }

  std::chrono::steady_clock::time_point now_{1h};
  Lines lines_;
};

TEST_F(JsonView, SaysHowFarAComponentHasCome) {
  const auto reporter = view();

  reporter->progress({"volume redis", 0, 4000, false});
  now_ += 2s;
  reporter->progress({"volume redis", 3000, 4000, false, 7});
  reporter->progress({"volume redis", 4000, 4000, true, 9});

  EXPECT_EQ(take(),
            (Lines{R"({"type":"progress","component":"volume redis","bytes":0,)"
                   R"("total":4000,"entries":0,"bytes_per_second":0,"finished":false})",
                   R"({"type":"progress","component":"volume redis","bytes":3000,)"
                   R"("total":4000,"entries":7,"bytes_per_second":1500,"finished":false})",
                   R"({"type":"progress","component":"volume redis","bytes":4000,)"
                   R"("total":4000,"entries":9,"bytes_per_second":2000,"finished":true})"}));
}

TEST_F(JsonView, SaysSoAtMostFourTimesASecondAndAlwaysAtTheEnd) {
  const auto reporter = view();

  for (int millisecond = 0; millisecond < 1000; ++millisecond) {
    reporter->progress({"database db/app", 1, 0, false});
    reporter->progress({"volume redis", 1, 0, false});
    now_ += 1ms;
  }
  EXPECT_EQ(take().size(), 8U) << "four for each component";

  reporter->progress({"volume redis", 2, 2, true});
  EXPECT_EQ(take().size(), 1U);
  reporter->progress({"volume redis", 0, 2, false});
  EXPECT_EQ(take().size(), 1U) << "the first of the next run";
}

TEST_F(JsonView, KeepsWarningsWhenQuiet) {
  const auto reporter = view(true);

  reporter->phase("copying");
  reporter->progress({"volume redis", 1, 1, true});
  reporter->warning("not \xFF text");

  EXPECT_EQ(take(), Lines{"{\"type\":\"warning\",\"text\":\"not \xEF\xBF\xBD text\"}"});
}

}  // namespace
}  // namespace controller
