#include "controller/archive/ordered_jobs.h"

#include <algorithm>
#include <utility>

namespace controller {
namespace {

constexpr std::size_t kMostWaiting = 128;  // each may hold a descriptor
constexpr std::size_t kMostBytes = 4U << 20U;

// Keys are inode numbers, of which neighbours often share their low bits.
std::size_t lane_of(std::uint64_t key, std::size_t lanes) {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  return static_cast<std::size_t>((key * kGolden) >> 32U) % lanes;
}

// The job is gone before the next one is looked for.
std::exception_ptr outcome_of(OrderedJobs::Job job) noexcept {
  try {
    job();
    return nullptr;
  } catch (...) {  // rethrown to whoever gives or awaits jobs
    return std::current_exception();
  }
}

}  // namespace

OrderedJobs::OrderedJobs(unsigned threads) {
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    lanes_.push_back(std::make_unique<Lane>());
    Lane& lane = *lanes_.back();
    lane.thread = std::thread([this, &lane] { run(lane); });
  }
}

OrderedJobs::~OrderedJobs() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  for (const auto& lane : lanes_) {
    lane->given.notify_one();
    lane->thread.join();
  }
}

void OrderedJobs::wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done) {
  done_.wait(lock, [&] { return failure_ || done(); });
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void OrderedJobs::add(std::uint64_t key, std::size_t bytes, Job job) {
  Lane& lane = *lanes_[lane_of(key, lanes_.size())];
  std::unique_lock lock(mutex_);
  wait(lock, [&] {
    return lane.undone == 0 || (lane.undone < kMostWaiting && lane.bytes + bytes <= kMostBytes);
  });
  lane.waiting.emplace_back(bytes, std::move(job));
  lane.bytes += bytes;
  if (lane.undone++ == 0) {
    lane.given.notify_one();
  }
}

void OrderedJobs::drain() {
  std::unique_lock lock(mutex_);
  for (const auto& lane : lanes_) {
    wait(lock, [&] { return lane->undone == 0; });
  }
}

void OrderedJobs::run(Lane& lane) {
  std::unique_lock lock(mutex_);
  for (;;) {
    lane.given.wait(lock, [&] { return ended_ || !lane.waiting.empty(); });
    if (ended_) {
      return;
    }
    auto [bytes, job] = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    if (!failure_) {
      lock.unlock();
      const std::exception_ptr failure = outcome_of(std::move(job));
      lock.lock();
      failure_ = failure_ ? failure_ : failure;
    }
    lane.bytes -= bytes;
    --lane.undone;
    // Not for each: a waiting giver fills half a lane at a time.
    if (failure_ || lane.undone <= kMostWaiting / 2) {
      done_.notify_one();
    }
  }
}

}  // namespace controller
