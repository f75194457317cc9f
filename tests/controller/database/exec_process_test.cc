#include "controller/database/exec_process.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <stop_token>

#include "dockerapi/error.h"
#include "tests/fakes/fake_engine.h"

namespace controller {
namespace {

class ExecProcessTest : public testing::Test {
 protected:
  ExecProcessTest() {
    dockerapi::Container container;
    container.name = "db";
    container.state = dockerapi::ContainerState::Running;
    id_ = engine_.add_container(container);
    engine_.on_exec("cat", [](fakes::Process& process) {
      process.write_stdout(process.read_all());
      process.write_stderr("done");
      return 3;
    });
    engine_.on_exec("yes", [](fakes::Process& process) {
      while (true) {
        process.write_stdout("y\n");
      }
      return 0;
    });
    engine_.on_exec("deaf", [](fakes::Process& process) {
      process.close_stdin();
      return 1;
    });
    engine_.on_exec("echo", [](fakes::Process& process) {
      while (const auto line = process.read_line()) {
        process.write_stdout(*line);
      }
      return 0;
    });
    engine_.on_exec("patient", [](fakes::Process& process) {
      process.read_all();
      return 0;
    });
  }

  ExecOutcome run(const std::string& program, const ExecInput& input, const ExecOutput& output,
                  const std::stop_token& stop = {}) {
    dockerapi::ExecSpec spec;
    spec.command = {program};
    return run_exec(engine_, id_, spec, {input, output, stop});
  }

  fakes::FakeEngine engine_;
  dockerapi::ContainerId id_;
};

void ignore(std::string_view /*bytes*/) {}

// More than fits in the pipes: fed and read at the same time, or not at all.
TEST_F(ExecProcessTest, FeedsAndReadsAtTheSameTime) {
  const std::string piece(100'000, 'x');
  int pieces = 20;
  std::size_t received = 0;
  const auto outcome = run(
      "cat", [&] { return pieces-- > 0 ? std::string_view(piece) : std::string_view(); },
      [&](std::string_view bytes) { received += bytes.size(); });

  EXPECT_EQ(received, 2'000'000U);
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.complaints, "done");
}

TEST_F(ExecProcessTest, QuotesWhatACommandThatCannotRunSays) {
  const auto outcome = run("no-such-program", {}, ignore);
  EXPECT_EQ(outcome.exit_code, 127);
  EXPECT_FALSE(outcome.complaints.empty());
}

TEST_F(ExecProcessTest, DoesNotMindACommandThatStopsReading) {
  const std::string piece(100'000, 'x');
  EXPECT_EQ(run(
                "deaf", [&] { return std::string_view(piece); }, ignore)
                .exit_code,
            1);
}

TEST_F(ExecProcessTest, PassesOnWhatItsInputThrows) {
  EXPECT_THROW(
      run(
          "patient", []() -> std::string_view { throw std::range_error("damaged"); }, ignore),
      std::range_error);
}

TEST_F(ExecProcessTest, PassesOnWhatItsOutputThrows) {
  EXPECT_THROW(run("yes", {}, [](std::string_view) { throw std::range_error("no space"); }),
               std::range_error);
  const std::string piece = std::string(1000, 'x') + '\n';
  EXPECT_THROW(run(
                   "echo", [&] { return std::string_view(piece); },
                   [](std::string_view) { throw std::range_error("no space"); }),
               std::range_error);
}

TEST_F(ExecProcessTest, StopsWhenAsked) {
  std::stop_source stop;
  EXPECT_THROW(run(
                   "yes", {}, [&](std::string_view) { stop.request_stop(); }, stop.get_token()),
               dockerapi::Cancelled);
}

TEST(CappedText, KeepsBothEnds) {
  CappedText text;
  text.add("short");
  EXPECT_EQ(text.text(), "short");
  for (int line = 0; line < 100'000; ++line) {
    text.add("line " + std::to_string(line) + "\n");
  }
  EXPECT_TRUE(text.text().starts_with("shortline 0\n"));
  EXPECT_TRUE(text.text().ends_with("line 99999\n"));
  EXPECT_NE(text.text().find("[…]"), std::string::npos);
  EXPECT_LT(text.text().size(), 70'000U);
}

}  // namespace
}  // namespace controller
