#include "controller/cli/asked_commands.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <atomic>
#include <functional>
#include <future>
#include <map>

#include "controller/api/problem.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::chrono::minutes kLong{1};  // nobody waits for it where all is well

/// The commands are of job_process_main.cc; they go on until they are let go.
class AskedCommandsTest : public testing::Test {
 protected:
  AskedCommandsTest() { EXPECT_EQ(::flock(gate_.fd(), LOCK_EX), 0); }
  ~AskedCommandsTest() override {
    let_go();
    while (::waitpid(-1, nullptr, 0) > 0) {  // they look at the folder
    }
  }

  void let_go() { gate_.reset(); }

  JobNotice start() { return commands_.start({"work-until-let-go", file()}, "api token ci"); }
  std::string look() { return commands_.look({"work-until-let-go", file()}); }

  [[nodiscard]] std::string file() const { return folder_.path() / "gate"; }

  TemporaryFolder folder_;
  FileDescriptor gate_{::open(file().c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600)};
  AskedCommands commands_{[] { return std::vector<std::string>{"SAID=what jobs are told"}; }};
};

std::string text_of(const ApiProblem& problem) {
  std::string text = std::to_string(problem.status()) + " " + problem.code();
  for (const auto& [name, value] : problem.headers()) {
    text += " " + name + ": " + value;
  }
  return text;
}

std::string refusal(const std::function<void()>& ask) {
  try {
    ask();
  } catch (const ApiProblem& problem) {
    return text_of(problem);
  }
  return "none";
}

constexpr const char* kTooBusy = "503 too-busy Retry-After: 10";

TEST_F(AskedCommandsTest, GiveJobsTheirEnvironmentAndOthersOurOwn) {
  const auto complaint = [](const std::function<void()>& ask) -> std::string {
    try {
      ask();
    } catch (const ApiProblem& problem) {
      return problem.what();
    }
    return "none";
  };

  EXPECT_EQ(complaint([&] { commands_.start({"complain"}, "api token ci"); }),
            "what jobs are told by api token ci");
  EXPECT_EQ(complaint([&] { commands_.change({"complain"}); }), "what jobs are told by api");
  EXPECT_EQ(complaint([&] { commands_.look({"complain"}); }), " by api");
}

TEST_F(AskedCommandsTest, RunTwoDozenAtATimeAndNoMore) {
  for (int number = 0; number < 24; ++number) {
    ASSERT_EQ(start(), (JobNotice{"job-1", "running", {}, {}}));
  }

  EXPECT_EQ(refusal([&] { start(); }), kTooBusy);
  EXPECT_EQ(refusal([&] { commands_.look({"complain"}); }), kTooBusy);

  let_go();
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(refusal([&] { start(); }), "none");
}

TEST_F(AskedCommandsTest, LetFourLookWhileEightWaitAndNoMore) {
  std::promise<void> refused;
  std::atomic<int> refusals{0};
  const auto outcome = [&]() -> std::string {
    try {
      return look();
    } catch (const ApiProblem& problem) {
      if (++refusals == 1) {
        refused.set_value();
      }
      return text_of(problem);
    }
  };
  std::vector<std::future<std::string>> asked;
  for (int number = 0; number < 13; ++number) {
    asked.push_back(std::async(std::launch::async, outcome));
  }
  EXPECT_EQ(refused.get_future().wait_for(kLong), std::future_status::ready);

  let_go();

  std::map<std::string, int> outcomes;
  for (auto& one : asked) {
    ++outcomes[one.get()];
  }
  EXPECT_THAT(outcomes, ElementsAre(Pair(kTooBusy, 1), Pair("let go", 12)));
}

}  // namespace
}  // namespace controller
