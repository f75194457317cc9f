// What the sidecar knows about its own state.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>

namespace controller {

/// Set by serve's loop, read by the threads that answer requests.
class Wellbeing {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `state`: the file of the journal.
  explicit Wellbeing(std::filesystem::path state) : state_(std::move(state)) {}

  /// A round of the loop has ended; `problem` is what keeps us from working, empty if nothing.
  void note_round(const std::string& problem, Time now);

  /// Of the last round; before the first one that it starts.
  [[nodiscard]] std::string problem() const;

  /// What a restart of the sidecar may help against: the loop stands still, or the journal cannot
  /// be written.  An engine that is away and a capture that failed are none of these: whoever
  /// restarted us because of them might do it in the middle of a restore.  Empty: nothing.
  [[nodiscard]] std::string illness(Time now) const;

 private:
  std::filesystem::path state_;
  mutable std::mutex mutex_;
  std::string problem_ = "starting";
  Time last_round_ = std::chrono::steady_clock::now();
};

}  // namespace controller
