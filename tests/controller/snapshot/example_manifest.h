// A manifest with something in every field.
#pragma once

#include <string>

#include "controller/snapshot/manifest.h"

namespace controller {

Manifest example_manifest();

/// As above, and with a network of its own and one of others: manifests/format-1-networks.json.
Manifest example_manifest_with_networks();

/// SHA-256 of the bytes, in hex.
std::string sha256_of(const std::string& bytes);

}  // namespace controller
