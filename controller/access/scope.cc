#include "controller/access/scope.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace controller {

namespace {

constexpr std::array<std::pair<Scope, std::string_view>, 4> kNames = {{{Scope::Read, "read"},
                                                                       {Scope::Backup, "backup"},
                                                                       {Scope::Restore, "restore"},
                                                                       {Scope::Admin, "admin"}}};

Scope scope_named(std::string_view text) {
  for (const auto& [scope, name] : kNames) {
    if (name == text) {
      return scope;
    }
  }
  throw std::invalid_argument("there is no scope \"" + std::string(text) +
                              "\"; there are read, backup, restore, admin");
}

}  // namespace

std::string_view to_string(Scope scope) {
  for (const auto& [one, name] : kNames) {
    if (one == scope) {
      return name;
    }
  }
  return {};
}

std::string to_string(const Scopes& scopes) {
  std::string text;
  for (const auto scope : scopes) {
    text += (text.empty() ? "" : ",") + std::string(to_string(scope));
  }
  return text;
}

Scopes parse_scopes(std::string_view text) {
  Scopes scopes;
  for (;;) {
    const auto comma = text.find(',');
    scopes.insert(scope_named(text.substr(0, comma)));
    if (comma == std::string_view::npos) {
      return scopes;
    }
    text.remove_prefix(comma + 1);
  }
}

bool allows(const Scopes& scopes, Scope needed) {
  return needed == Scope::Read || scopes.contains(needed) || scopes.contains(Scope::Admin);
}

}  // namespace controller
