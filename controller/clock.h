// Time, as everything above the libraries sees it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace controller {

class Clock {
 public:
  virtual ~Clock() = default;

  /// Wall-clock time: for names and records only, since it may jump.
  [[nodiscard]] virtual std::chrono::system_clock::time_point now() const = 0;

  /// For durations: never goes back.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady() const = 0;

  virtual void sleep(std::chrono::milliseconds duration) = 0;
};

class SystemClock : public Clock {
 public:
  [[nodiscard]] std::chrono::system_clock::time_point now() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override;
  void sleep(std::chrono::milliseconds duration) override;
};

/// The wall clock of the system, for records; the Clock is for what has to be tried with others.
std::chrono::sys_seconds now_in_seconds();

/// "2026-11-20T02:00:00Z"
std::string rfc3339(std::chrono::system_clock::time_point time);

/// Of "2026-11-20T02:00:00Z"; absent for anything else.
std::optional<std::chrono::sys_seconds> time_from_rfc3339(std::string_view text);

/// Of "20261120T020000Z", as snapshots are named; absent for anything else.
std::optional<std::chrono::sys_seconds> time_from_digits(std::string_view text);

}  // namespace controller
