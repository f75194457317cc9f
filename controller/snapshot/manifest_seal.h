// What makes a changed byte in manifest.json show: the file ends in
//
//   ,
//     "sha256": "<of everything above this line>"
//   }
//
// It is checked on the bytes as they are, by us and by `head -n -2 manifest.json | sha256sum`.
#pragma once

#include <string>
#include <string_view>

namespace controller {

/// The last two lines for the lines `above` them.
std::string manifest_seal(std::string_view above);

/// True if the last two lines of `text` are the seal of those above them.
bool seal_holds(std::string_view text);

}  // namespace controller
