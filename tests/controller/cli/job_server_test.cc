#include "controller/cli/job_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "controller/cli/handed_job.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

class JobServerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    said_ = FileDescriptor(ends[0]);
    theirs_ = FileDescriptor(ends[1]);
  }

  [[nodiscard]] std::filesystem::path socket() const { return folder_.path() / "c" / "x.sock"; }

  /// `word`: of job_process_main.cc.
  FileDescriptor hand_over(const std::string& word) {
    auto connection = connect_to_serve(socket());
    const JobRequest request{{word}, {"SAID=hello"}, "/"};
    const FileDescriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    EXPECT_TRUE(connection && send_message(connection->fd(), to_message(request),
                                           {nothing.fd(), nothing.fd(), theirs_.fd()}));
    theirs_.reset();
    return std::move(*connection);
  }

  static JobNotice next(const FileDescriptor& connection) {
    const auto message = receive_message(connection.fd());
    return message ? notice_of_message(message->text) : JobNotice{{}, {}, {}, "gone"};
  }

  /// What the process said, once it has ended.
  std::string said() {
    std::string text;
    std::array<char, 256> bytes{};
    for (ssize_t size = 0; (size = ::read(said_.fd(), bytes.data(), bytes.size())) > 0;) {
      text.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return text;
  }

  TemporaryFolder folder_;
  FileDescriptor said_;
  FileDescriptor theirs_;
};

TEST_F(JobServerTest, GivesAJobWhatItsCommandHasAndTellsHowItWent) {
  const JobServer server(socket());
  const auto connection = hand_over("say-what-was-given");
  EXPECT_EQ(next(connection), (JobNotice{{}, {}, 42, {}}));
  EXPECT_EQ(next(connection).problem, "gone");
  EXPECT_EQ(said(), "hello by cli");
}

TEST_F(JobServerTest, TellsTheIdAndEndsTheJobWhenTheCommandWantsIt) {
  const JobServer server(socket());
  const auto connection = hand_over("end-when-asked-to");
  EXPECT_EQ(next(connection), (JobNotice{"job-1", "running", {}, {}}));
  ASSERT_TRUE(send_message(connection.fd(), kCancelMessage));
  ASSERT_TRUE(send_message(connection.fd(), kCancelMessage)) << "asked twice, it ends once";
  EXPECT_EQ(next(connection), (JobNotice{{}, {}, 130, {}}));
  EXPECT_EQ(said(), "ended");
}

TEST_F(JobServerTest, AJobOutlivesItsCommand) {
  JobServer server(socket());
  auto connection = hand_over("end-when-asked-to");
  EXPECT_EQ(next(connection).job, "job-1");

  connection.reset();

  // A second command is heard after the first was seen to be gone.
  const auto other = connect_to_serve(socket());
  ASSERT_TRUE(send_message(other->fd(), "nonsense"));
  EXPECT_EQ(next(*other).problem, "gone");
  const auto processes = server.end();
  ASSERT_EQ(processes.size(), 1U);
  EXPECT_EQ(said(), "ended");
}

TEST_F(JobServerTest, SaysThatItBeganNoJobWhoseDescriptorsWereLost) {
  const JobServer server(socket());
  const auto connection = connect_to_serve(socket());
  const JobRequest request{{"say-what-was-given"}, {}, "/"};
  ASSERT_TRUE(send_message(connection->fd(), to_message(request)));

  EXPECT_NE(next(*connection).problem.find("was not begun"), std::string::npos);
}

TEST_F(JobServerTest, TakesNoJobsOnceItEnds) {
  JobServer server(socket());
  EXPECT_TRUE(server.end().empty());
  const auto connection = hand_over("say-what-was-given");
  EXPECT_NE(next(connection).problem.find("ending"), std::string::npos);
  EXPECT_EQ(said(), "");
}

}  // namespace
}  // namespace controller
