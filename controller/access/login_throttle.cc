#include "controller/access/login_throttle.h"

#include <algorithm>
#include <array>

namespace controller {

namespace {

using std::chrono::seconds;

constexpr int kFree = 5;
constexpr seconds kLongest = std::chrono::minutes{15};
constexpr int kDoublings = 10;  // 2^10 s is more than the longest
constexpr std::size_t kRemembered = 10'000;

std::array<std::string, 2> keys(const std::string& account, const std::string& source) {
  return {"account " + account, "source " + source};
}

}  // namespace

seconds LoginThrottle::wait_of(const Failures& failures, Time now) {
  if (failures.count < kFree) {
    return seconds{0};
  }
  const auto wait = std::min(kLongest, seconds{1 << std::min(failures.count - kFree, kDoublings)});
  const auto left = std::chrono::ceil<seconds>(failures.last + wait - now);
  return std::max(left, seconds{0});
}

void LoginThrottle::forget_old(Time now) {
  std::erase_if(failures_, [&](const auto& one) { return now - one.second.last > kLongest; });
  if (failures_.size() >= kRemembered) {
    const auto oldest =
        std::ranges::min_element(failures_, {}, [](const auto& one) { return one.second.last; });
    failures_.erase(oldest);
  }
}

seconds LoginThrottle::begin(const std::string& account, const std::string& source, Time now) {
  const std::scoped_lock lock(mutex_);
  seconds wait{0};
  for (const auto& key : keys(account, source)) {
    const auto found = failures_.find(key);
    wait = std::max(wait, found == failures_.end() ? seconds{0} : wait_of(found->second, now));
  }
  if (wait > seconds{0}) {
    return wait;
  }
  forget_old(now);
  for (const auto& key : keys(account, source)) {
    auto& failures = failures_[key];
    ++failures.count;
    failures.last = now;
  }
  return seconds{0};
}

void LoginThrottle::succeeded(const std::string& account, const std::string& source) {
  const std::scoped_lock lock(mutex_);
  const auto [of_account, of_source] = keys(account, source);
  failures_.erase(of_account);
  // Only this attempt: whoever has one account must not be free to guess others.
  if (const auto found = failures_.find(of_source); found != failures_.end()) {
    --found->second.count;
  }
}

}  // namespace controller
