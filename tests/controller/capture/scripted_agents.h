// Agents for the fake engine: they speak the real protocol and write small files in place of
// archives.
#pragma once

#include <filesystem>

#include "tests/fakes/scripted_process.h"

/// `agent capture`: for every tree a file with its id as content.  `store` is where the agent's
/// /.cofferdam/store really is.
fakes::Program scripted_capture_agent(const std::filesystem::path& store);
