// One number for the definitions of a database, the same for every dump of the same schema.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace controller {

/// SHA-256 over a set of definitions, in whatever order they come.
class SchemaDigest {
 public:
  void add(std::string_view definition);

  /// Lower-case hex.
  [[nodiscard]] std::string hex() const;

 private:
  std::multiset<std::string> digests_;
};

}  // namespace controller
