#include "dockerapi/event_feed.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/fakes/fake_engine.h"

namespace dockerapi {
namespace {

class EventFeedTest : public testing::Test {
 protected:
  EventFeedTest() {
    Container container;
    container.name = "web";
    container.state = ContainerState::Running;
    web_ = engine_.add_container(container);
    filter_.kinds = {"container"};
  }

  std::string next(EventFeed& feed) {
    const auto event = feed.next();
    return event ? event->action : "(end)";
  }

  fakes::FakeEngine engine_;
  ContainerId web_;
  EventFilter filter_;
};

TEST_F(EventFeedTest, TellsWhatHappens) {
  EventFeed feed(engine_, filter_);

  engine_.stop(web_, std::nullopt);

  EXPECT_EQ(next(feed), "kill");
  EXPECT_EQ(next(feed), "die");
  EXPECT_EQ(next(feed), "stop");
  EXPECT_EQ(feed.reconnects(), 0);
}

TEST_F(EventFeedTest, LosesAndRepeatsNothingWhenItsConnectionBreaks) {
  EventFeed feed(engine_, filter_);
  engine_.pause(web_);
  engine_.unpause(web_);
  EXPECT_EQ(next(feed), "pause");
  EXPECT_EQ(next(feed), "unpause");

  engine_.set_reachable(false);
  engine_.set_reachable(true);
  engine_.pause(web_);

  EXPECT_EQ(next(feed), "pause");
  EXPECT_EQ(feed.reconnects(), 1);
}

TEST_F(EventFeedTest, MissesNothingThatCameBeforeItsFirstEvent) {
  EventFeed feed(engine_, filter_);

  engine_.set_reachable(false);
  engine_.set_reachable(true);
  engine_.pause(web_);

  EXPECT_EQ(next(feed), "pause");
}

TEST_F(EventFeedTest, CanBeAskedAgainAfterTheEngineWasAway) {
  EventFeed feed(engine_, filter_);
  engine_.pause(web_);
  EXPECT_EQ(next(feed), "pause");
  engine_.unpause(web_);
  EXPECT_EQ(next(feed), "unpause");

  engine_.set_reachable(false);
  EXPECT_THROW(feed.next(), Unreachable);
  engine_.set_reachable(true);
  engine_.stop(web_, std::nullopt);

  EXPECT_EQ(next(feed), "kill");
}

TEST_F(EventFeedTest, EndsWhenCancelled) {
  EventFeed feed(engine_, filter_);

  std::thread canceller([&] { feed.cancel(); });

  EXPECT_FALSE(feed.next());
  canceller.join();
  engine_.pause(web_);
  EXPECT_FALSE(feed.next());
}

}  // namespace
}  // namespace dockerapi
