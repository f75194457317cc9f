// In which order services stop and start again.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "compose/stack.h"

namespace compose {

/// Nodes (see node_of(); most are services) in start order: every node of a level needs only nodes
/// of earlier levels.  Those of one level may be started (or, backwards, stopped) in parallel.
struct StartOrder {
  std::vector<std::vector<std::string>> levels;
  std::vector<std::string> broken_cycles;  // "a -> b -> a: edge b -> a ignored"
};

/// Orders `nodes`; dependencies through nodes that are not among them still count.  A cycle is
/// broken at the dependency of its node that was created first, namespaces last.
StartOrder start_order(const Stack& stack, const std::set<std::string>& nodes);

/// Something that has to stop.
struct Touched {
  std::string name;  // of the node
  std::string
      reason;  // "writes volume redis", "shares the network of vpn", "depends on db, restart: true"

  friend bool operator==(const Touched&, const Touched&) = default;
};

/// `seed` and everything that cannot live through its stop: sharers of its namespaces, and
/// dependents whose depends_on says `restart: true`.  By name, each with the reason why it is in.
std::vector<Touched> touched_services(const Stack& stack, const std::vector<Touched>& seed);

/// The same, but the nodes in `staying` (not running, or not to be stopped) are never in, and
/// nothing follows from them.
std::vector<Touched> touched_services(const Stack& stack, const std::vector<Touched>& seed,
                                      const std::set<std::string>& staying);

}  // namespace compose
