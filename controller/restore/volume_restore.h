// The one agent that puts all volumes of a restore in place, and back.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/agent/conversation.h"
#include "controller/capture/setting.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// What an agent found of one volume before anything was staged.
struct StagingRoom {
  std::string key;
  FreeSpaceMessage found;
};

/// Staged trees that are not swapped in are removed by the agent when it ends.  What an earlier job
/// kept is left where it was.
class VolumeRestore {
 public:
  VolumeRestore(Setting& setting, const std::string& job, const RestorePlan& plan);

  /// Whether there is anything to do for it in the plan.
  static bool needed(const RestorePlan& plan);

  /// Looks at the places of all volumes.
  std::vector<StagingRoom> measure();

  /// Extracts every volume beside its live data and compares it with the manifest, or finds what
  /// was kept.  Nothing live is touched.
  void stage(std::stop_token stop);

  /// Puts the staged trees in place, one by one; those that take long last.  What was live is kept.
  /// Write the intent to the journal before.
  void swap();

  /// Puts back what swap() has replaced so far, newest first, and removes what was made for it.  If
  /// the agent has died, by another one.
  void unswap();

  /// After swap(): what is kept now takes how many bytes, by key.  Before discard().
  std::map<std::string, std::uint64_t> weigh();

  /// After swap(): removes what is kept; of new volumes, that is the nothing they held before.
  void discard();
  void discard_of_new();

  /// Ends the agent.  After swap(), what was live stays kept; what the plan went back to is gone.
  void finish();

 private:
  void add(const PlannedVolumeRestore& volume, std::size_t index, AgentSpec& spec,
           RestoreJob& work);
  void start_agent();
  void take_back();

  Setting& setting_;
  std::string snapshot_;
  AgentSpec spec_;
  std::string work_;                  // what an agent is told first
  std::vector<std::string> staged_;   // keys, in order: from the snapshot
  std::vector<std::string> adopted_;  // keys: kept by an earlier job
  std::vector<std::string> order_;    // keys, in the order they are swapped
  std::vector<std::string> own_;      // keys whose staging place or archive is this job's
  std::vector<std::string> new_;      // keys of volumes that were made for this
  std::vector<std::string> swapped_;
  std::vector<std::string> consumed_;  // ids of archives that an earlier job kept
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

/// Where `job` keeps what it replaces in place: a path below the store, for the `index`-th volume
/// of its plan.
std::string kept_archive(const std::string& job, std::size_t index);

/// A mount for a restore agent that may write.  `target` is a volume's name or a path on the host.
dockerapi::MountSpec writable_mount(const std::string& source, const std::string& target);

}  // namespace controller
