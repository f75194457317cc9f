// What a session or a token is known by: long random text, of which only the digest is kept.
#pragma once

#include <string>

#include "controller/remote/secret.h"

namespace controller {

/// 256 random bits; letters, digits, '-' and '_'.  Throws std::runtime_error.
Secret new_credential();

/// An id that may be shown: 12 letters and digits.
std::string new_access_id();

/// Lower-case hex.  Nobody can guess a credential, so one plain SHA-256 keeps it.
std::string credential_digest(const std::string& credential);

}  // namespace controller
