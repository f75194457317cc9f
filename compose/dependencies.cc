#include "compose/dependencies.h"

#include <map>
#include <utility>

#include "compose/compose_labels.h"
#include "compose/depends_on.h"

namespace compose {

namespace {

using dockerapi::Container;

std::vector<const Container*> all_containers(const Stack& stack) {
  std::vector<const Container*> all;
  for (const auto& service : stack.services) {
    for (const auto& container : service.replicas) {
      all.push_back(&container);
    }
    for (const auto& container : service.one_offs) {
      all.push_back(&container);
    }
  }
  for (const auto& container : stack.others) {
    all.push_back(&container);
  }
  return all;
}

class Edges {
 public:
  explicit Edges(Stack& stack) : stack_(stack), containers_(all_containers(stack)) {
    for (const auto* container : containers_) {
      by_reference_[container->id.value] = container;
      by_reference_[container->name] = container;
    }
  }

  void read() {
    for (const auto* container : containers_) {
      add_labelled(*container);
      add_shared(*container, container->network_mode, "network");
      add_shared(*container, container->ipc_mode, "ipc");
      add_shared(*container, container->pid_mode, "pid");
      for (const auto& source : container->volumes_from) {
        add_ordering(*container, source.substr(0, source.find(':')));
      }
    }
    for (auto& [ends, edge] : edges_) {
      stack_.dependencies.push_back(std::move(edge));
    }
  }

 private:
  void add_labelled(const Container& container) {
    if (!is_compose_container(container)) {
      return;
    }
    const auto project = label(container, kProjectLabel);
    const std::string prefix = project == stack_.project ? "" : project + "/";
    auto parsed = parse_depends_on(node_of(stack_, container), label(container, kDependsOnLabel));
    for (auto& dependency : parsed.dependencies) {
      dependency.to = prefix + dependency.to;
      // Of replicas that differ, the newest says how it is meant now.
      auto& edge = at(dependency.from, dependency.to);
      edge.condition = dependency.condition;
      edge.restart = dependency.restart;
    }
    if (project == stack_.project) {
      stack_.observations.insert(stack_.observations.end(), parsed.odd.begin(), parsed.odd.end());
    }
  }

  void add_shared(const Container& container, const std::string& mode, const std::string& what) {
    constexpr std::string_view kContainer = "container:";
    if (!mode.starts_with(kContainer)) {
      return;
    }
    const auto* owner = find(mode.substr(kContainer.size()));
    if (owner == nullptr) {
      if (label(container, kProjectLabel) == stack_.project) {
        stack_.observations.push_back(container.name + ": shares the " + what +
                                      " of a container that is gone");
      }
      return;
    }
    if (node_of(stack_, *owner) == node_of(stack_, container)) {
      return;
    }
    auto& edge = at(node_of(stack_, container), node_of(stack_, *owner));
    edge.is_namespace = true;
    if (edge.shared.empty()) {
      edge.shared = what;
    }
  }

  void add_ordering(const Container& container, const std::string& reference) {
    const auto* owner = find(reference);
    if (owner != nullptr && node_of(stack_, *owner) != node_of(stack_, container)) {
      at(node_of(stack_, container), node_of(stack_, *owner));
    }
  }

  // By id, name, or the beginning of an id of at least 12 digits.
  const Container* find(const std::string& reference) const {
    if (const auto found = by_reference_.find(reference); found != by_reference_.end()) {
      return found->second;
    }
    const auto longer = by_reference_.lower_bound(reference);
    const bool abbreviated = reference.size() >= 12 && longer != by_reference_.end() &&
                             longer->first == longer->second->id.value &&
                             longer->first.starts_with(reference);
    return abbreviated ? longer->second : nullptr;
  }

  Dependency& at(const std::string& from, const std::string& to) {
    const auto [edge, is_new] = edges_.try_emplace({from, to});
    if (is_new) {
      edge->second.from = from;
      edge->second.to = to;
    }
    return edge->second;
  }

  Stack& stack_;
  std::vector<const Container*> containers_;
  std::map<std::string, const Container*> by_reference_;
  std::map<std::pair<std::string, std::string>, Dependency> edges_;
};

}  // namespace

void read_dependencies(Stack& stack) {
  Edges(stack).read();
}

}  // namespace compose
