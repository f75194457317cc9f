// Agents for the fake engine: they speak the real protocol and write small files in place of
// archives.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "tests/fakes/scripted_process.h"

/// What restore agents have done, by the path of the live tree; outlives every agent.
struct RestoredTrees {
  struct Tree {
    bool staged = false;  // a staging place exists
    bool is_new = false;  // the live tree is the restored one
  };

  std::uint64_t lost = 0;  // entries that a drill's volumes lack
  std::mutex mutex;
  std::map<std::string, Tree> trees;

  [[nodiscard]] bool any_new();
  [[nodiscard]] bool any_staged();
};

/// `agent capture` archives for every tree a folder with one file; `agent restore` notes in
/// `trees` what it does; `agent drill` does as if it did what it is told.  `store` is where the
/// agents' /.cofferdam/store really is.
fakes::Program scripted_agent(const std::filesystem::path& store, RestoredTrees& trees);
