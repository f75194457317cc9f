// The one agent that puts all volumes of a restore in place.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/agent/conversation.h"
#include "controller/capture/setting.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// Staged trees that are not swapped in are removed by the agent when it ends.
class VolumeRestore {
 public:
  VolumeRestore(Setting& setting, const std::string& job, const RestorePlan& plan);

  /// Extracts every volume beside its live data and compares it with the manifest.  Nothing live is
  /// touched.
  void stage(std::stop_token stop);

  /// Puts the staged trees in place, one by one; those that can be swapped back go first.  Write
  /// the intent to the journal before.
  void swap();

  /// Swaps back what swap() has done so far, newest first.  Returns the volumes that cannot be.
  std::vector<std::string> unswap();

  /// Removes what is not live.
  void discard();

 private:
  Setting& setting_;
  std::vector<std::string> exchange_;  // keys, in order
  std::vector<std::string> in_place_;
  std::vector<std::string> swapped_;
  std::unique_ptr<Conversation> conversation_;
};

/// What it takes to give files back their owners, modes, capabilities and device numbers.
const std::vector<std::string>& restore_capabilities();

/// Where a volume's live data and its staging place are, on the engine's host.
struct SwapPlace {
  std::string parent;   // directory to mount
  std::string live;     // name in it
  std::string staging;  // name in it
};
SwapPlace swap_place(const std::string& mountpoint, const std::string& job);

}  // namespace controller
