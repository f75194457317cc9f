// Which paths of a tree are left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// Globs against whole paths relative to the tree's root.  '*', '?' and '[…]' stay within one
/// component; a component "**" stands for any number of components, at the end for at least one.
/// So "cache/**" empties the directory cache and keeps it, "cache" leaves it out altogether, and
/// "**/*.tmp" means every such file at any depth.
class Exclusion {
 public:
  /// A leading "/" or "./" and a trailing "/" do not matter; empty globs match nothing.
  explicit Exclusion(const std::vector<std::string>& globs);

  /// What matches is left out with everything below it.
  [[nodiscard]] bool matches(std::string_view path) const;

 private:
  using Components = std::vector<std::string>;

  static bool matches(const Components& glob, const Components& path);

  std::vector<Components> globs_;
};

}  // namespace controller
