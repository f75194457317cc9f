#include "controller/snapshot/manifest_seal.h"

#include "controller/archive/sha256.h"

namespace controller {

std::string manifest_seal(std::string_view above) {
  Sha256 digest;
  digest.add(above);
  return "  \"sha256\": \"" + digest.hex() + "\"\n}\n";
}

bool seal_holds(std::string_view text) {
  static const std::size_t size = manifest_seal("").size();
  if (text.size() < size) {
    return false;
  }
  const auto above = text.substr(0, text.size() - size);
  return text.substr(above.size()) == manifest_seal(above);
}

}  // namespace controller
