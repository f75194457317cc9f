// An image of one static binary, made without a registry.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dockerapi/engine.h"

namespace dockerapi_test {

inline constexpr const char* kTinyImage = "cofferdam-test/busybox:1";
inline constexpr const char* kBusybox = "/bin/busybox";

/// An uncompressed tar of these files, all executable.
std::string tar_of(const std::vector<std::pair<std::string, std::string>>& files);

/// The static busybox of this machine: COFFERDAM_TEST_BUSYBOX, else /bin/busybox.
std::string busybox_binary();

/// Delivers `bytes` in pieces, as import_image() asks for them.
std::function<std::string_view()> in_pieces(const std::string& bytes, std::size_t piece);

/// Makes kTinyImage (label tiny=yes) unless the engine has it.
void ensure_tiny_image(dockerapi::Engine& engine);

}  // namespace dockerapi_test
