// A manifest with something in every field.
#pragma once

#include <string>

#include "controller/snapshot/manifest.h"

namespace controller {

Manifest example_manifest();

/// SHA-256 of the bytes, in hex.
std::string sha256_of(const std::string& bytes);

}  // namespace controller
