// In which order services stop and start again.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "compose/stack.h"

namespace compose {

/// Services in start order: every service of a level needs only services of earlier levels.
/// Services of one level may be started (or, backwards, stopped) in parallel.
struct StartOrder {
  std::vector<std::vector<std::string>> levels;
  std::vector<std::string> broken_cycles;  // "a -> b -> a: edge b -> a ignored"
};

/// Orders `services`; dependencies through services that are not among them still count.
StartOrder start_order(const Stack& stack, const std::set<std::string>& services);

/// `seed` and everything that cannot live through its stop: sharers of its namespaces (also those
/// of one-offs), and dependents whose depends_on says `restart: true`.  Each with the reason why it
/// is in.
struct Touched {
  std::string name;
  std::string
      reason;  // "writes volume redis", "shares the network of vpn", "depends on db, restart: true"

  friend bool operator==(const Touched&, const Touched&) = default;
};
std::vector<Touched> touched_services(const Stack& stack, const std::vector<Touched>& seed);

}  // namespace compose
