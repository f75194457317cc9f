#include "controller/outage/health_wait.h"

namespace controller {

namespace {

constexpr std::chrono::seconds kSlack{30};
constexpr std::chrono::seconds kDefaultInterval{30};
constexpr std::chrono::seconds kDefaultTimeout{30};
constexpr int kDefaultRetries = 3;

}  // namespace

std::chrono::milliseconds health_patience(const dockerapi::Container& container) {
  const auto& check = container.health_check;
  if (!check) {
    return std::chrono::milliseconds{0};
  }
  const auto or_default = [](std::chrono::nanoseconds value, std::chrono::seconds fallback) {
    return value.count() > 0 ? value : std::chrono::nanoseconds(fallback);
  };
  const auto one =
      or_default(check->interval, kDefaultInterval) + or_default(check->timeout, kDefaultTimeout);
  const int retries = check->retries > 0 ? check->retries : kDefaultRetries;
  return std::chrono::duration_cast<std::chrono::milliseconds>(check->start_period + retries * one +
                                                               kSlack);
}

}  // namespace controller
