// Agents for the fake engine: they speak the real protocol and write small files in place of
// archives.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/fakes/scripted_process.h"

/// The one restored volume: what is live, and what lies beside it, by the name of the place.
/// Outlives every agent.
struct RestoredTrees {
  std::uint64_t lost = 0;  // entries that a drill's volumes lack
  std::mutex mutex;
  std::string live = "old";
  std::map<std::string, std::string> staged;
  std::set<std::string> exchanged;  // "place.job": the job swapped what it had there in
  bool measured_clusters = false;   // capture agents say so of every volume
  // A restore agent dies of this command: the first one that is told so, before or after it obeyed.
  std::string deadly_command;
  bool obeys_first = false;

  void exchange(const std::string& staging, const std::string& mark);
  [[nodiscard]] bool kills(const std::string& command);
  [[nodiscard]] bool is_new();
  [[nodiscard]] std::vector<std::string> beside();
};

/// `agent capture` archives for every tree a folder with one file; `agent restore` does to
/// `trees` what it is told; `agent drill` does as if it did.  `store` is where the agents'
/// /.cofferdam/store really is.
fakes::Program scripted_agent(const std::filesystem::path& store, RestoredTrees& trees);
