#include "controller/cli/event_feed.h"

#include <random>
#include <system_error>
#include <utility>

namespace controller {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostEvents = 1000;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kInterval{250};
constexpr std::chrono::seconds kPatience{60};  // for those who come back

std::string new_boot() {
  std::random_device source;
  return std::to_string(source()) + std::to_string(source());
}

}  // namespace

EventFeed::EventFeed(SharedBook& book, std::filesystem::path store)
    : book_(book),
      store_(std::move(store)),
      boot_(new_boot()),
      ring_(kMostEvents, kMostBytes),
      thread_([this] { run(); }) {}

EventFeed::~EventFeed() {
  end();
  thread_.join();
}

std::shared_ptr<void> EventFeed::follow() {
  auto& book = book_.get();
  const std::scoped_lock lock(mutex_);
  auto follower = followers_.lock();
  if (!follower) {
    follower = std::make_shared<int>();
    followers_ = follower;
  }
  if (!watch_) {
    JobWatch watch;
    watch.look(book);  // what was before is no event
    watch_ = std::move(watch);
    look_at_store();
    changed_.notify_all();
  }
  return follower;
}

std::int64_t EventFeed::last() const {
  const std::scoped_lock lock(mutex_);
  return ring_.last();
}

EventFeed::Batch EventFeed::wait(std::int64_t number, std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, most, [&] { return ending_ || ring_.last() != number; });
  return {ending_, ring_.last(), ring_.after(number)};
}

void EventFeed::end() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
}

void EventFeed::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (!watch_) {
      changed_.wait(lock, [this] { return ending_ || watch_; });
      continue;
    }
    if (!followers_.expired()) {
      wanted_until_ = steady_clock::now() + kPatience;
    }
    if (steady_clock::now() >= wanted_until_) {
      watch_.reset();
      store_changed_.reset();
      ring_.skip();
      continue;
    }
    look();
    changed_.wait_for(lock, kInterval, [this] { return ending_; });
  }
}

void EventFeed::look() {
  const auto before = ring_.last();
  look_at_store();
  try {
    look_at_jobs();
  } catch (const std::exception&) {  // told by /readyz; whoever follows looks again when it is over
    watch_.emplace();
    if (!std::exchange(failed_, true)) {
      ring_.skip();
    }
  }
  if (ring_.last() != before) {
    changed_.notify_all();
  }
}

void EventFeed::look_at_jobs() {
  for (auto& event : watch_->look(book_.get())) {
    ring_.add(std::move(event));
  }
  if (std::exchange(failed_, false)) {
    ring_.skip();  // what was between is not known
  }
}

/// Snapshots that came or went, by whomever.
void EventFeed::look_at_store() {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(store_, error);
  if (!error && store_changed_ && *store_changed_ != changed) {
    ring_.add({"inventory", R"({"schema":1})"});
  }
  if (!error) {
    store_changed_ = changed;
  }
}

}  // namespace controller
