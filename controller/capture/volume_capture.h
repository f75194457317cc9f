// The one agent that reads all volumes of a run and writes them into the store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/agent/conversation.h"
#include "controller/capture/setting.h"
#include "controller/plan/capture_plan.h"

namespace controller {

/// What the agent says of the plan's volumes before anything is stopped.
struct Measurement {
  std::map<std::string, TreeSize> volumes;  // by key
  std::uint64_t store_free_bytes = 0;
};

/// The Compose files that went along, and those that could not be found.
struct CapturedFiles {
  std::vector<Artifact> stored;
  std::vector<std::string> missing;
};

/// Started before the outage, so that nothing of its start-up counts as downtime.
class VolumeCapture {
 public:
  /// Mounts every volume of the plan read-only and the store.  `draft` is the snapshot's directory
  /// name in the store.  Throws AgentError, dockerapi::Error.
  VolumeCapture(Setting& setting, const std::string& job, const CapturePlan& plan,
                const Compression& compression, const std::string& draft);

  Measurement measure(std::stop_token stop);

  /// Captures those volumes; returns the closing record of each by key.  Throws unless each has
  /// one.
  std::map<std::string, ArchiveSummary> capture(const std::vector<std::string>& keys,
                                                std::stop_token stop);

  CapturedFiles files(std::stop_token stop);

  void finish();

  /// Set if the Compose files cannot be read on this host; then files() stores none.
  [[nodiscard]] const std::string& definition_problem() const { return definition_problem_; }

 private:
  void start(const std::string& job, const CapturePlan& plan, const Compression& compression,
             const std::string& draft, bool with_definition);

  Setting& setting_;
  std::map<std::string, std::uint64_t> expected_;  // bytes by key, for progress
  std::vector<CaptureFile> files_;
  std::string definition_problem_;
  std::unique_ptr<Conversation> conversation_;
};

}  // namespace controller
