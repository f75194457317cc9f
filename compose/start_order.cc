#include "compose/start_order.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace compose {

namespace {

using Graph = std::map<std::string, std::map<std::string, Dependency>>;  // from, to
using Path = std::vector<std::string>;

/// `nodes` and all that they need, directly or not.
Graph graph_of(const Stack& stack, const std::set<std::string>& nodes) {
  std::multimap<std::string, const Dependency*> needs;
  for (const auto& dependency : stack.dependencies) {
    needs.emplace(dependency.from, &dependency);
  }
  Graph graph;
  std::vector<std::string> open(nodes.begin(), nodes.end());
  while (!open.empty()) {
    const auto node = open.back();
    open.pop_back();
    if (!graph.try_emplace(node).second) {
      continue;
    }
    const auto [first, last] = needs.equal_range(node);
    for (auto need = first; need != last; ++need) {
      graph[node].emplace(need->second->to, *need->second);
      open.push_back(need->second->to);
    }
  }
  return graph;
}

class CycleSearch {
 public:
  explicit CycleSearch(const Graph& graph) : graph_(graph) {}

  /// Nodes of one cycle, each needing the next, the last one the first; absent if there is none.
  std::optional<Path> find() {
    for (const auto& [node, needs] : graph_) {
      if (auto cycle = from(node)) {
        return cycle;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<Path> from(const std::string& node) {
    if (done_.contains(node)) {
      return std::nullopt;
    }
    if (const auto seen = std::find(path_.begin(), path_.end(), node); seen != path_.end()) {
      return Path(seen, path_.end());
    }
    path_.push_back(node);
    for (const auto& [to, dependency] : graph_.at(node)) {
      if (auto cycle = from(to)) {
        return cycle;
      }
    }
    path_.pop_back();
    done_.insert(node);
    return std::nullopt;
  }

  const Graph& graph_;
  std::set<std::string> done_;
  Path path_;
};

std::string created_at(const Stack& stack, const std::string& node) {
  const auto containers = containers_of(stack, node);
  return containers.empty() ? std::string() : containers.front()->created_at;
}

/// Takes the edge out of the graph that hurts least, and says so.
std::string break_cycle(Graph& graph, const Stack& stack, Path cycle) {
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  std::optional<std::tuple<bool, std::string, std::string, std::string>> chosen;
  std::string text;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const auto& from = cycle[i];
    const auto& to = cycle[(i + 1) % cycle.size()];
    text += shown(from) + " -> ";
    const bool is_namespace = graph[from].at(to).is_namespace;
    const auto candidate = std::tuple(is_namespace, created_at(stack, from), from, to);
    chosen = chosen ? std::min(*chosen, candidate) : candidate;
  }
  const auto& [is_namespace, age, from, to] = *chosen;
  graph[from].erase(to);
  return text + shown(cycle.front()) + ": edge " + shown(from) + " -> " + shown(to) + " ignored";
}

/// How many of `nodes` lie on the longest way down from each node of an acyclic graph.
class Depths {
 public:
  Depths(const Graph& graph, const std::set<std::string>& nodes) : graph_(graph), nodes_(nodes) {}

  std::size_t of(const std::string& node) {
    if (const auto known = depths_.find(node); known != depths_.end()) {
      return known->second;
    }
    std::size_t depth = 0;
    for (const auto& [to, dependency] : graph_.at(node)) {
      depth = std::max(depth, of(to) + (nodes_.contains(to) ? 1 : 0));
    }
    return depths_[node] = depth;
  }

 private:
  const Graph& graph_;
  const std::set<std::string>& nodes_;
  std::map<std::string, std::size_t> depths_;
};

std::string reason_of(const Dependency& dependency) {
  return dependency.is_namespace ? "shares the " + dependency.shared + " of " + shown(dependency.to)
                                 : "depends on " + shown(dependency.to) + ", restart: true";
}

}  // namespace

StartOrder start_order(const Stack& stack, const std::set<std::string>& nodes) {
  StartOrder order;
  Graph graph = graph_of(stack, nodes);
  while (auto cycle = CycleSearch(graph).find()) {
    order.broken_cycles.push_back(break_cycle(graph, stack, std::move(*cycle)));
  }
  Depths depths(graph, nodes);
  for (const auto& node : nodes) {
    const auto level = depths.of(node);
    order.levels.resize(std::max(order.levels.size(), level + 1));
    order.levels[level].push_back(node);
  }
  return order;
}

std::vector<Touched> touched_services(const Stack& stack, const std::vector<Touched>& seed) {
  return touched_services(stack, seed, {});
}

std::vector<Touched> touched_services(const Stack& stack, const std::vector<Touched>& seed,
                                      const std::set<std::string>& staying) {
  std::map<std::string, std::string> reasons;
  std::vector<std::string> open;
  const auto add = [&](const std::string& node, const std::string& reason) {
    if (!staying.contains(node) && reasons.emplace(node, reason).second) {
      open.push_back(node);
    }
  };
  for (const auto& touched : seed) {
    add(touched.name, touched.reason);
  }
  for (std::size_t next = 0; next < open.size(); ++next) {
    const std::string node = open[next];
    for (const auto& dependency : stack.dependencies) {
      if (dependency.to == node && (dependency.is_namespace || dependency.restart)) {
        add(dependency.from, reason_of(dependency));
      }
    }
  }
  std::vector<Touched> touched;
  touched.reserve(reasons.size());
  for (const auto& [name, reason] : reasons) {
    touched.push_back({name, reason});
  }
  return touched;
}

}  // namespace compose
