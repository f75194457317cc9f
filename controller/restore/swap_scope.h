// Everything that a restore swapped goes back unless it is kept.
#pragma once

#include <string>

#include "controller/restore/database_restore.h"
#include "controller/restore/volume_restore.h"

namespace controller {

class SwapScope {
 public:
  /// `volumes` may be null.  All of it outlives the scope.
  SwapScope(Setting& setting, const RestorePlan& plan, const std::string& job,
            VolumeRestore* volumes, DatabaseRestore& databases);
  SwapScope(const SwapScope&) = delete;
  SwapScope& operator=(const SwapScope&) = delete;

  /// Swaps back what was swapped.  Cannot throw: what fails is reported, with where both states
  /// are, and is left to the replay.
  ~SwapScope();

  void swap();

  void keep() { outcome_ = Outcome::Kept; }

  /// Somebody who uses the data may run: nothing must be swapped under them.  The replay does it.
  void leave_to_replay() { outcome_ = Outcome::LeftToReplay; }

 private:
  enum class Outcome { Undecided, Kept, LeftToReplay };

  void report(const std::string& what, const std::string& why) noexcept;

  Setting& setting_;
  const RestorePlan& plan_;
  const std::string& job_;
  VolumeRestore* volumes_;
  DatabaseRestore& databases_;
  Outcome outcome_ = Outcome::Undecided;
};

/// Where the states before and after are while `job` is under way, and how to go back by hand.
std::string by_hand(const RestorePlan& plan, const std::string& job);

}  // namespace controller
