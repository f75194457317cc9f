// Sizes, durations and rates as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace controller {

/// "0 B", "1.5 KiB", "12 GiB"
std::string human_bytes(std::uint64_t bytes);

/// "0.84 s", "1 min 05 s", "2 h 03 min"
std::string human_duration(double seconds);

}  // namespace controller
