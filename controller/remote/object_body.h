// Bytes to store, with the digests that are sent along.
#pragma once

#include <string>
#include <string_view>

#include "controller/remote/object_store.h"

namespace controller {

/// A short text as an object.
ObjectBody text_body(std::string text);

/// MD5, as Content-MD5 has it.
std::string md5_base64(std::string_view bytes);

}  // namespace controller
