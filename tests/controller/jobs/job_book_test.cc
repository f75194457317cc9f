#include "controller/jobs/job_book.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

class JobBookTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const {
    return folder_.path() / ".cofferdam" / "jobs.db";
  }

  TemporaryFolder folder_;
};

/// A process that begins a job and then waits to be killed.
class OtherProcess {
 public:
  explicit OtherProcess(const std::filesystem::path& file) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) {
      throw std::runtime_error("no pipe");
    }
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(pipe[0]);
      JobBook book(file);
      const auto job = book.begin("create", "cofferdam create", "cli");
      if (::write(pipe[1], job.data(), job.size()) < 0) {
        ::_exit(1);
      }
      ::close(pipe[1]);
      for (;;) {
        ::pause();
      }
    }
    ::close(pipe[1]);
    std::array<char, 64> text{};
    while (const auto size = ::read(pipe[0], text.data(), text.size())) {
      job_.append(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    ::close(pipe[0]);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;
  ~OtherProcess() { kill(); }

  void kill() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    pid_ = -1;
  }

  [[nodiscard]] const std::string& job() const { return job_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::string job_;
};

TEST_F(JobBookTest, KeepsWhatAJobToldInOrder) {
  std::string id;
  {
    JobBook book(file());
    id = book.begin("create", "cofferdam create --name x", "schedule nightly");
    book.add_line(id, JobLineKind::Phase, "stopping api");
    book.add_line(id, JobLineKind::Output, "api: flushed\x01");
    book.add_line(id, JobLineKind::Warning, "");
    book.finish(id, JobState::Degraded, 3, "");
  }
  JobBook later(file());
  const auto job = later.find(id);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->kind, "create");
  EXPECT_EQ(job->command, "cofferdam create --name x");
  EXPECT_EQ(job->started_by, "schedule nightly");
  EXPECT_EQ(job->state, JobState::Degraded);
  EXPECT_EQ(job->exit_code, 3);
  EXPECT_NE(job->finished_at, "");
  EXPECT_THAT(later.lines(id, 0),
              ElementsAre(Field(&JobLine::text, "stopping api"),
                          Field(&JobLine::text, "api: flushed\x01"), Field(&JobLine::text, "")));
  EXPECT_THAT(later.lines(id, 2), ElementsAre(Field(&JobLine::kind, JobLineKind::Warning)));
}

TEST_F(JobBookTest, KeepsTheLinesOfJobsApart) {
  JobBook book(file());
  const auto one = book.begin("verify", "cofferdam verify --all", "cli");
  const auto two = book.begin("delete", "cofferdam delete x", "cli");
  book.add_line(two, JobLineKind::Phase, "of two");
  book.add_line(one, JobLineKind::Phase, "of one");
  EXPECT_THAT(book.lines(one, 0), ElementsAre(Field(&JobLine::text, "of one")));
  EXPECT_THAT(book.jobs(1), ElementsAre(Field(&Job::id, two)));
  EXPECT_EQ(book.find("nobody"), std::nullopt);
}

TEST_F(JobBookTest, KnowsWhoRunsAndWhoWasKilled) {
  JobBook book(file());
  OtherProcess other(file());
  ASSERT_EQ(other.job().size(), 8U);
  EXPECT_EQ(book.find(other.job())->state, JobState::Running);
  EXPECT_EQ(book.process(other.job()), other.pid());

  other.kill();

  EXPECT_EQ(book.find(other.job())->state, JobState::Interrupted);
  EXPECT_EQ(book.process(other.job()), std::nullopt);
}

TEST_F(JobBookTest, RunsUntilItIsFinished) {
  JobBook book(file());
  const auto id = book.begin("create", "cofferdam create", "cli");
  EXPECT_EQ(book.find(id)->state, JobState::Running);
  book.finish(id, JobState::Failed, 1, "no room");
  EXPECT_EQ(book.find(id)->state, JobState::Failed);
  EXPECT_EQ(book.find(id)->message, "no room");
}

TEST_F(JobBookTest, SaysWhoHasBeenWaitingLongest) {
  JobBook book(file());
  EXPECT_EQ(book.first_queued(), std::nullopt);
  const auto works = book.begin("create", "cofferdam create", "cli");
  const auto first = book.begin("create", "cofferdam create --queue", "cli");
  const auto second = book.begin("prune", "cofferdam prune --queue", "cli");
  book.set_state(second, JobState::Queued);
  book.set_state(first, JobState::Queued);
  EXPECT_EQ(book.find(works)->state, JobState::Running);
  EXPECT_EQ(book.find(first)->state, JobState::Queued);
  EXPECT_EQ(book.first_queued(), first);

  book.set_state(first, JobState::Running);

  EXPECT_EQ(book.find(first)->state, JobState::Running);
  EXPECT_EQ(book.first_queued(), second);
}

TEST_F(JobBookTest, NobodyWaitsForOneThatWasKilledWhileItWaited) {
  JobBook book(file());
  OtherProcess other(file());
  book.set_state(other.job(), JobState::Queued);
  EXPECT_EQ(book.first_queued(), other.job());

  other.kill();

  EXPECT_EQ(book.first_queued(), std::nullopt);
  EXPECT_EQ(book.find(other.job())->state, JobState::Interrupted);
}

TEST_F(JobBookTest, KeepsTheLastProgressOfEachComponent) {
  JobBook book(file());
  const auto id = book.begin("create", "cofferdam create", "cli");
  book.add_line(id, JobLineKind::Phase, "stopping api");
  book.add_line(id, JobLineKind::Phase, "copying volumes");
  book.add_line(id, JobLineKind::Warning, "slow");
  book.put_progress(id, {"volume redis", 1, 10, false, 2});
  book.put_progress(id, {"database db/app", 7, 0, false, 0});
  book.put_progress(id, {"volume redis", 10, 10, true, 3});

  const auto job = *book.find(id);

  EXPECT_EQ(job.phase, "copying volumes");
  ASSERT_EQ(job.components.size(), 2U);
  const auto& volume = job.components[0];
  EXPECT_EQ(volume.component, "volume redis");
  EXPECT_EQ(volume.bytes, 10U);
  EXPECT_EQ(volume.entries, 3U);
  EXPECT_TRUE(volume.finished);
  EXPECT_EQ(job.components[1].component, "database db/app");
  EXPECT_EQ(job.components[1].total, 0U);
}

TEST_F(JobBookTest, ForgetsTheOldestOfVeryMany) {
  JobBook book(file());
  const auto first = book.begin("verify", "cofferdam verify", "cli");
  book.add_line(first, JobLineKind::Phase, "long ago");
  book.finish(first, JobState::Success, 0, "");
  for (int i = 0; i < 1000; ++i) {
    book.finish(book.begin("verify", "cofferdam verify", "cli"), JobState::Success, 0, "");
  }
  EXPECT_EQ(book.find(first), std::nullopt);
  EXPECT_TRUE(book.lines(first, 0).empty());
  EXPECT_EQ(book.jobs(5000).size(), 1000U);
}

TEST_F(JobBookTest, SaysWhatIsWrongWithItsFile) {
  std::filesystem::create_directories(file().parent_path());
  std::ofstream(file()) << std::string(5000, 'x');
  try {
    const JobBook book(file());
    FAIL();
  } catch (const JobBookError& error) {
    EXPECT_THAT(error.what(), HasSubstr("jobs.db"));
  }
}

}  // namespace
}  // namespace controller
