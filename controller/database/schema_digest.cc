#include "controller/database/schema_digest.h"

#include "controller/archive/sha256.h"

namespace controller {

void SchemaDigest::add(std::string_view definition) {
  Sha256 digest;
  digest.add(definition);
  digests_.insert(digest.hex());
}

std::string SchemaDigest::hex() const {
  Sha256 digest;
  for (const auto& one : digests_) {
    digest.add(one);
  }
  return digest.hex();
}

}  // namespace controller
