#include "controller/cli/event_feed.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <future>

#include "controller/cli/job_watch.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::minutes kLong{2};  // nobody waits for it where all is well

class LiveEventsTest : public testing::Test {
 protected:
  JobBook& book() { return book_.get(); }

  TemporaryFolder folder_;
  SharedBook book_{folder_.path() / "jobs.db"};
};

std::vector<std::string> kinds(const std::vector<ApiEvent>& events) {
  std::vector<std::string> found;
  for (const auto& event : events) {
    found.push_back(event.kind);
  }
  return found;
}

TEST_F(LiveEventsTest, TheFirstLookTellsNothing) {
  const auto old = book().begin("create", "cofferdam create", "cli");
  book().add_line(old, JobLineKind::Phase, "dumping");
  JobWatch watch;
  EXPECT_THAT(watch.look(book()), IsEmpty());
  EXPECT_THAT(watch.look(book()), IsEmpty());
  book().add_line(old, JobLineKind::Phase, "syncing");
  const auto events = watch.look(book());
  ASSERT_THAT(kinds(events), ElementsAre("log", "job"));
  EXPECT_THAT(events[0].data, AllOf(HasSubstr("\"job\":\"" + old), HasSubstr("syncing")));
  EXPECT_THAT(events[1].data, HasSubstr("\"phase\":\"syncing\""));
}

TEST_F(LiveEventsTest, AJobIsToldFromItsBeginningToItsEnd) {
  JobWatch watch;
  watch.look(book());
  const auto job = book().begin("create", "cofferdam create", "cli");
  EXPECT_THAT(kinds(watch.look(book())), ElementsAre("job"));
  book().put_progress(job, {"volume files", 5, 10, false, 1});
  const auto progress = watch.look(book());
  ASSERT_THAT(kinds(progress), ElementsAre("job"));
  EXPECT_THAT(progress[0].data, HasSubstr("\"bytes\":5"));
  book().add_line(job, JobLineKind::Error, "no room");
  book().finish(job, JobState::Failed, 15, "no room");
  const auto end = watch.look(book());
  ASSERT_THAT(kinds(end), ElementsAre("log", "job", "inventory"));
  EXPECT_THAT(end[1].data, HasSubstr("\"state\":\"failed\""));
  EXPECT_THAT(watch.look(book()), IsEmpty());
}

TEST_F(LiveEventsTest, AJobThatWasOverAtOnceIsToldWhole) {
  JobWatch watch;
  watch.look(book());
  const auto job = book().begin("verify", "cofferdam verify a", "cli");
  book().add_line(job, JobLineKind::Phase, "reading");
  book().finish(job, JobState::Success, 0, "");
  EXPECT_THAT(kinds(watch.look(book())), ElementsAre("job", "log", "inventory"));
}

TEST_F(LiveEventsTest, AJobThatBeganLongAgoIsToldToItsEnd) {
  JobWatch watch;
  watch.look(book());
  const auto job = book().begin("create", "cofferdam create", "cli");
  watch.look(book());
  for (int number = 0; number < 60; ++number) {
    book().finish(book().begin("verify", "cofferdam verify a", "cli"), JobState::Success, 0, "");
  }
  watch.look(book());
  book().finish(job, JobState::Success, 0, "");
  const auto events = watch.look(book());
  ASSERT_THAT(kinds(events), ElementsAre("job", "inventory"));
  EXPECT_THAT(events[0].data, HasSubstr(job));
}

TEST_F(LiveEventsTest, WhoFollowsIsWokenByWhatHappens) {
  EventFeed feed(book_, folder_.path());
  const auto following = feed.follow();
  const auto start = feed.last();
  auto waiting = std::async(std::launch::async, [&] { return feed.wait(start, kLong); });
  book().begin("create", "cofferdam create", "cli");
  const auto batch = waiting.get();
  ASSERT_TRUE(batch.events);
  ASSERT_THAT(*batch.events, testing::Not(IsEmpty()));
  EXPECT_EQ(batch.events->back().number, batch.last);
}

TEST_F(LiveEventsTest, ASnapshotThatComesOrGoesIsTold) {
  EventFeed feed(book_, folder_.path());
  const auto following = feed.follow();
  book();
  auto number = feed.last();
  std::filesystem::create_directory(folder_.path() / "by-hand");
  for (bool told = false; !told;) {
    const auto batch = feed.wait(number, kLong);
    ASSERT_TRUE(batch.events);
    ASSERT_THAT(*batch.events, testing::Not(IsEmpty()));
    told = batch.events->back().event.kind == "inventory";
    number = batch.last;
  }
}

TEST_F(LiveEventsTest, TheEndWakesWhoWaits) {
  EventFeed feed(book_, folder_.path());
  const auto following = feed.follow();
  auto waiting = std::async(std::launch::async, [&] { return feed.wait(feed.last(), kLong); });
  feed.end();
  EXPECT_TRUE(waiting.get().ended);
}

TEST_F(LiveEventsTest, EveryLifeHasANameOfItsOwn) {
  EXPECT_NE(EventFeed(book_, folder_.path()).boot(), EventFeed(book_, folder_.path()).boot());
}

}  // namespace
}  // namespace controller
