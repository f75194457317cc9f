// Pins of a directory store: an empty file for each pinned snapshot, <root>/.cofferdam/pins/NAME.
#pragma once

#include <filesystem>
#include <string>

namespace controller {

/// On the disk when the call returns.  One that is pinned already stays so.
void write_pin(const std::filesystem::path& root, const std::string& snapshot);

/// A missing pin is no error.
void remove_pin(const std::filesystem::path& root, const std::string& snapshot);

bool has_pin(const std::filesystem::path& root, const std::string& snapshot);

/// Removes those of snapshots that are not there any more.
void sweep_pins(const std::filesystem::path& root);

}  // namespace controller
