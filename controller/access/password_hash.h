// Passwords as they are kept: argon2id, by libsodium.
#pragma once

#include <string>

#include "controller/remote/secret.h"

namespace controller {

/// What one hash costs; the rest of the text says it, so that it can be raised later.
struct HashCost {
  unsigned long long passes = 3;
  std::size_t memory = std::size_t{64} << 20;
};

/// A text that holds cost, salt and hash.  Two at most are made at a time, since each takes the
/// memory of its cost: others wait.  Throws std::runtime_error where there is no memory.
std::string hash_password(const Secret& password, const HashCost& cost = {});

/// Costs what the hash did.  Two at a time as well.
bool password_matches(const std::string& hash, const Secret& password);

/// It was made at another cost.
bool is_outdated(const std::string& hash, const HashCost& cost = {});

}  // namespace controller
