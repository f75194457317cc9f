#include "controller/agent/agent_channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>

namespace controller {
namespace {

using std::chrono::milliseconds;

/// A channel and the controller's ends of its pipes.
class AgentChannelTest : public testing::Test {
 protected:
  AgentChannelTest() {
    EXPECT_EQ(::pipe2(to_agent_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(from_agent_.data(), O_CLOEXEC), 0);
    channel_ = std::make_unique<AgentChannel>(to_agent_[0], from_agent_[1], kHeartbeat);
  }
  AgentChannelTest(const AgentChannelTest&) = delete;
  AgentChannelTest& operator=(const AgentChannelTest&) = delete;
  ~AgentChannelTest() override {
    channel_.reset();
    for (const int fd : {to_agent_[0], to_agent_[1], from_agent_[0], from_agent_[1]}) {
      ::close(fd);
    }
  }

  /// The next line that the controller hears; empty if none comes `within` that time.
  std::string hear(milliseconds within) {
    for (;;) {
      if (const auto end = heard_.find('\n'); end != std::string::npos) {
        std::string line = heard_.substr(0, end);
        heard_.erase(0, end + 1);
        return line;
      }
      pollfd readable{from_agent_[0], POLLIN, 0};
      if (::poll(&readable, 1, static_cast<int>(within.count())) <= 0) {
        return "";
      }
      std::array<char, 4096> bytes{};
      const ssize_t size = ::read(from_agent_[0], bytes.data(), bytes.size());
      heard_.append(bytes.data(), static_cast<std::size_t>(size > 0 ? size : 0));
    }
  }

  static constexpr milliseconds kHeartbeat{20};
  static constexpr milliseconds kLong{20'000};
  static constexpr milliseconds kManyBeats{400};

  std::array<int, 2> to_agent_{};
  std::array<int, 2> from_agent_{};
  std::string heard_;
  std::unique_ptr<AgentChannel> channel_;
};

const ProgressMessage kProgress{"redis", {7, 4096, 100}};

TEST_F(AgentChannelTest, RepeatsTheLastProgressWhileWorkTakesLong) {
  channel_->send(ProgressMessage{"redis", {1, 1, 1}});
  channel_->send(kProgress);
  hear(kLong);
  const auto last = hear(kLong);

  for (int beat = 0; beat < 3; ++beat) {
    EXPECT_EQ(hear(kLong), last) << "nothing was heard from the agent";
  }
  EXPECT_EQ(last, to_line(kProgress));
}

TEST_F(AgentChannelTest, IsSilentWhenNoWorkIsUnderWay) {
  EXPECT_EQ(hear(kManyBeats), "") << "nothing has begun";
  channel_->send(kProgress);
  channel_->send(DoneMessage{"capture"});
  std::string line = hear(kLong);
  while (line == to_line(kProgress)) {
    line = hear(kLong);
  }
  ASSERT_EQ(line, to_line(DoneMessage{"capture"}));

  EXPECT_EQ(hear(kManyBeats), "") << "everything has ended";
}

TEST_F(AgentChannelTest, BeatsOnWhileItIsSpokenTo) {
  channel_->send(kProgress);
  const std::string line = to_line(Command{"measure", {}}) + "\n";
  ASSERT_EQ(::write(to_agent_[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));

  EXPECT_EQ(hear(kLong), to_line(kProgress));
  EXPECT_EQ(hear(kLong), to_line(kProgress));
  EXPECT_EQ(channel_->next()->text + "\n", line);
}

}  // namespace
}  // namespace controller
