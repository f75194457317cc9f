#include "controller/notify/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

#include "controller/archive/volume_archive.h"
#include "controller/jobs/book_file.h"
#include "controller/notify/notify_url.h"
#include "controller/notify/postman.h"
#include "tests/fakes/step_clock.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::chrono::sys_seconds kStart{seconds{1795140000}};

NotifyEvent event(const std::string& job, NotifyKind kind = NotifyKind::Failed) {
  NotifyEvent event;
  event.kind = kind;
  event.job_kind = "create";
  event.job = job;
  return event;
}

class OutboxTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const {
    return folder_.path() / ".cofferdam" / "notify.db";
  }

  TargetStanding standing() { return outbox_.standings().at(0); }

  /// As another process does.
  void run_sql(const std::string& sql) const {
    const auto database = open_book_file(file(), sql.c_str());
  }

  TemporaryFolder folder_;
  Outbox outbox_{file()};
};

TEST_F(OutboxTest, HandsOutATargetsLettersInTheirOrder) {
  outbox_.put("a", event("1"), kStart);
  outbox_.put("b", event("2"), kStart);
  outbox_.put("a", event("3"), kStart);

  const auto first = outbox_.take("a", kStart);

  ASSERT_TRUE(first);
  EXPECT_EQ(first->event, event("1"));
  EXPECT_FALSE(outbox_.take("a", kStart)) << "the first one is still on its way";
  EXPECT_EQ(outbox_.take("b", kStart)->event.job, "2");
  outbox_.delivered(*first, kStart);
  EXPECT_EQ(outbox_.take("a", kStart)->event.job, "3");
}

TEST_F(OutboxTest, HandsOutAgainWhatADeadProcessTook) {
  outbox_.put("a", event("1"), kStart);
  const auto first = outbox_.take("a", kStart);

  EXPECT_FALSE(outbox_.take("a", kStart + seconds{59}));
  EXPECT_EQ(outbox_.take("a", kStart + seconds{60})->delivery, first->delivery);
}

TEST_F(OutboxTest, TriesAgainLaterAndLessAndLessOften) {
  outbox_.put("a", event("1"), kStart);
  EXPECT_TRUE(outbox_.failed(*outbox_.take("a", kStart), "down", kStart));

  EXPECT_FALSE(outbox_.take("a", kStart + seconds{9}));
  EXPECT_EQ(outbox_.take("a", kStart + seconds{10})->attempts, 1);
  EXPECT_EQ(standing(), (TargetStanding{"a", 1, 0, 1, 0, "", "down"}));
  EXPECT_EQ(pause_after(2), seconds{20});
  EXPECT_EQ(pause_after(6), seconds{320});
  EXPECT_EQ(pause_after(8), seconds{900});
  EXPECT_EQ(pause_after(1000), seconds{900});
}

TEST_F(OutboxTest, GivesUpAfterADay) {
  outbox_.put("a", event("1"), kStart);
  const auto later = kStart + std::chrono::hours{24};

  EXPECT_FALSE(outbox_.failed(*outbox_.take("a", later), "down", later));

  EXPECT_EQ(standing(), (TargetStanding{"a", 0, 0, 1, 1, "", "down"}));
}

TEST_F(OutboxTest, KeepsTheNewestWhereVeryManyWait) {
  for (int i = 0; i <= 200; ++i) {
    outbox_.put("a", event(std::to_string(i)), kStart);
  }

  EXPECT_EQ(outbox_.take("a", kStart)->event.job, "1");
  EXPECT_EQ(standing().waiting, 200);
  EXPECT_EQ(standing().lost, 1);
}

TEST_F(OutboxTest, ForgetsTheProblemOnceALetterArrives) {
  outbox_.put("a", event("1"), kStart);
  outbox_.failed(*outbox_.take("a", kStart), "down", kStart);
  const auto later = kStart + seconds{10};
  outbox_.delivered(*outbox_.take("a", later), later);

  EXPECT_EQ(standing(), (TargetStanding{"a", 0, 1, 1, 0, "2026-11-20T02:00:10Z", ""}));
}

TEST_F(OutboxTest, IsToldOfAKeyOnce) {
  EXPECT_TRUE(outbox_.put_once("interrupted j1", {"a", "b"}, event("j1"), kStart));
  EXPECT_FALSE(outbox_.put_once("interrupted j1", {"a", "b"}, event("j1"), kStart));
  EXPECT_TRUE(outbox_.put_once("interrupted j2", {"a"}, event("j2"), kStart));

  EXPECT_THAT(outbox_.standings(), ElementsAre(TargetStanding{"a", 2, 0, 0, 0, "", ""},
                                               TargetStanding{"b", 1, 0, 0, 0, "", ""}));
}

TEST_F(OutboxTest, IsToldAgainOfAKeyThatCouldNotBePutForAll) {
  run_sql(
      "CREATE TRIGGER full BEFORE INSERT ON letter WHEN NEW.target = 'b' "
      "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
  EXPECT_THROW(outbox_.put_once("interrupted j1", {"a", "b"}, event("j1"), kStart), OutboxError);
  EXPECT_FALSE(outbox_.take("a", kStart)) << "it would get it twice";
  run_sql("DROP TRIGGER full");

  EXPECT_TRUE(outbox_.put_once("interrupted j1", {"a", "b"}, event("j1"), kStart));

  EXPECT_EQ(outbox_.take("a", kStart)->event.job, "j1");
  EXPECT_EQ(outbox_.take("b", kStart)->event.job, "j1");
}

TEST(Outbox, KnowsWhetherAnotherProcessDelivers) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "notify.db";
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const auto child = fork();
  if (child == 0) {
    Outbox outbox(file);
    outbox.attend("a");
    if (write(ready[1], "x", 1) != 1) {
      _exit(1);
    }
    for (;;) {
      pause();
    }
  }
  char one = 0;
  ASSERT_EQ(read(ready[0], &one, 1), 1);
  Outbox outbox(file);

  EXPECT_TRUE(outbox.attended("a"));
  EXPECT_FALSE(outbox.attended("b"));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(outbox.attended("a"));
}

TEST(Outbox, SaysThatItCannotBeOpened) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "notify.db") << "this is no database, and long enough to tell";

  EXPECT_THROW(Outbox(folder.path() / "notify.db"), OutboxError);
  EXPECT_THROW(Outbox(folder.path() / "not" / "there" / "notify.db"), OutboxError);
}

/// Delivers unless it is told not to, and remembers what it was given.
class FakeCourier : public Courier {
 public:
  void deliver(const NotifyTarget& target, const NotifyEvent& event, const NotifyAttempt& attempt,
               const std::stop_token& stop) override {
    if (stop.stop_requested()) {
      throw Interrupted("cancelled");
    }
    if (down) {
      throw NotDelivered("it is down", retry);
    }
    told.push_back(target.name + " " + event.job);
    deliveries.push_back(attempt.delivery);
  }

  bool down = false;
  NotDelivered::Retry retry = NotDelivered::Retry::Sensible;
  std::vector<std::string> told;
  std::vector<std::string> deliveries;
};

class PostmanTest : public OutboxTest {
 protected:
  void go(const std::stop_token& stop = {}) { postman_.go_round(targets_, stop); }
  std::chrono::sys_seconds now() { return std::chrono::floor<seconds>(clock_.now()); }

  std::vector<NotifyTarget> targets_ = {parse_notify_url("ntfy://h/t#name=a").at(0),
                                        parse_notify_url("ntfy://h/t#name=b").at(0)};
  FakeCourier courier_;
  fakes::StepClock clock_;
  std::vector<std::string> complaints_;
  Postman postman_{outbox_, courier_, clock_,
                   [this](const std::string& text) { complaints_.push_back(text); }};
};

TEST_F(PostmanTest, DeliversToWhoeverWantsTheEvent) {
  targets_[1].kinds = {NotifyKind::Success};
  put_for_all(outbox_, targets_, event("1"), now());
  put_for_all(outbox_, targets_, event("2", NotifyKind::Success), now());
  put_for_all(outbox_, targets_, event("3"), now());

  go();

  EXPECT_THAT(courier_.told, ElementsAre("a 1", "a 3", "b 2"));
  EXPECT_THAT(complaints_, ElementsAre());
}

TEST_F(PostmanTest, TellsOfTheStoreWhateverJobsSomebodyIsToldOf) {
  targets_[0].jobs = {"drill"};
  targets_[1].kinds = {NotifyKind::Failed};
  put_for_all(outbox_, targets_, event("low", NotifyKind::StorageLow), now());

  go();

  EXPECT_THAT(courier_.told, ElementsAre("a low"));
}

TEST_F(PostmanTest, TellsAgainOfWhatWasForgotten) {
  put_for_all_once(outbox_, "low", targets_, event("1"), now());
  put_for_all_once(outbox_, "low", targets_, event("2"), now());
  outbox_.forget("low");
  outbox_.forget("never told");
  put_for_all_once(outbox_, "low", targets_, event("3"), now());

  go();

  EXPECT_THAT(courier_.told, ElementsAre("a 1", "a 3", "b 1", "b 3"));
}

TEST_F(PostmanTest, TellsEachOnceAlsoWhoeverWantsItLater) {
  targets_[1].kinds = {NotifyKind::Success};
  put_for_each_once(outbox_, "low", targets_, event("1"), now());
  targets_[1].kinds = {NotifyKind::Failed};
  put_for_each_once(outbox_, "low", targets_, event("2"), now());
  put_for_each_once(outbox_, "low", targets_, event("3"), now());
  outbox_.forget("low");
  put_for_each_once(outbox_, "low", {targets_[0]}, event("4"), now());

  go();

  EXPECT_THAT(courier_.told, ElementsAre("a 1", "a 4", "b 2"));
}

TEST_F(PostmanTest, ComplainsOnceAndKeepsWhatCannotBeDelivered) {
  courier_.down = true;
  outbox_.put("a", event("1"), now());
  go();
  clock_.sleep(seconds{10});
  go();

  EXPECT_THAT(complaints_, ElementsAre(HasSubstr("kept for later: it is down")));
  courier_.down = false;
  go();
  EXPECT_THAT(courier_.told, ElementsAre());
  clock_.sleep(seconds{20});
  go();
  EXPECT_THAT(courier_.told, ElementsAre("a 1"));
}

TEST_F(PostmanTest, GivesUpWhatTheServiceWillNeverTake) {
  courier_.down = true;
  courier_.retry = NotDelivered::Retry::Useless;
  outbox_.put("a", event("1"), now());

  go();

  EXPECT_THAT(complaints_, ElementsAre(HasSubstr("was refused and is given up")));
  EXPECT_EQ(standing().lost, 1);
  EXPECT_EQ(standing().waiting, 0);
}

TEST_F(PostmanTest, KeepsALetterWhoseDeliveryWasCutShort) {
  outbox_.put("a", event("1"), now());
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THROW(go(stop.get_token()), Interrupted);

  EXPECT_EQ(standing().waiting, 1);
}

}  // namespace
}  // namespace controller
