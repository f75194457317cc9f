// Restores and undoes of the shop, and the state that they leave it in.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>

#include "compose/observe.h"
#include "controller/restore/restore.h"
#include "tests/controller/capture/capture_fixture.h"

namespace controller {

compose::Stack stack_of(const compose::Observation& seen);

/// Restores snapshot "nightly".  Throws what restore() throws.
RestoreResult restore_shop(Shop& shop, dockerapi::Engine& engine,
                           const RestoreOptions& options = {}, std::stop_token stop = {});

/// Goes back to the newest restore's point.  Throws what undo() throws.
RestoreResult undo_shop(Shop& shop, dockerapi::Engine& engine, std::stop_token stop = {});

/// What is live, and what can be gone back to.
struct State {
  bool restored = false;
  std::size_t points = 0;
};

/// Replays.  Expects that everything of the shop is in one of the two states, and that nothing lies
/// about that no point knows.
State expect_one_state(Shop& shop, const std::string& where);

}  // namespace controller
