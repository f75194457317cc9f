#include "compose/stack.h"

#include <algorithm>
#include <set>

#include "compose/compose_labels.h"
#include "compose/dependencies.h"
#include "compose/stack_networks.h"
#include "compose/stack_volumes.h"

namespace compose {

namespace {

using dockerapi::Container;

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

void place(Stack& stack, const Container& container) {
  if (label(container, kProjectLabel) != stack.project || !is_compose_container(container)) {
    stack.others.push_back(container);
    return;
  }
  const auto name = label(container, kServiceLabel);
  auto service = std::find_if(stack.services.begin(), stack.services.end(),
                              [&](const auto& known) { return known.name == name; });
  if (service == stack.services.end()) {
    service = stack.services.insert(service, Service{name, {}, {}});
  }
  (is_one_off(container) ? service->one_offs : service->replicas).push_back(container);
}

// The newest container knows best where the project's files lie now.
void read_definition(Stack& stack, const std::vector<Container>& containers) {
  for (const auto& container : containers) {
    if (label(container, kProjectLabel) != stack.project || !is_compose_container(container)) {
      continue;
    }
    if (const auto directory = label(container, kWorkingDirectoryLabel); !directory.empty()) {
      stack.working_directory = directory;
      stack.config_files = split_at_commas(label(container, kConfigFilesLabel));
      stack.environment_file = label(container, kEnvironmentFileLabel);
    }
  }
}

std::vector<const Container*> replicas_of(const Stack& stack) {
  std::vector<const Container*> replicas;
  for (const auto& service : stack.services) {
    for (const auto& container : service.replicas) {
      replicas.push_back(&container);
    }
  }
  return replicas;
}

void read_tmpfs(Stack& stack) {
  std::set<std::string> mounts;
  for (const auto* container : replicas_of(stack)) {
    const auto prefix = label(*container, kServiceLabel) + ": ";
    for (const auto& destination : container->tmpfs) {
      mounts.insert(prefix + destination);
    }
    for (const auto& mount : container->mounts) {
      if (mount.kind == dockerapi::Mount::Kind::Tmpfs) {
        mounts.insert(prefix + mount.destination);
      }
    }
  }
  stack.tmpfs_mounts.assign(mounts.begin(), mounts.end());
}

void note_unknown_mounts(Stack& stack) {
  for (const auto* container : replicas_of(stack)) {
    for (const auto& mount : container->mounts) {
      if (mount.kind == dockerapi::Mount::Kind::Other) {
        stack.observations.push_back(container->name + ": mount of kind " + mount.engine_kind +
                                     " at " + mount.destination + " is unknown to this version");
      }
    }
  }
}

void note_strangers(Stack& stack) {
  std::set<std::string> used;
  for (const auto& volume : stack.volumes) {
    for (const auto& user : volume.users) {
      used.insert(user.container.value);
    }
  }
  for (const auto& container : stack.others) {
    if (label(container, kProjectLabel) == stack.project) {
      stack.observations.push_back(container.name +
                                   ": carries the project's label, but Compose did not make it");
    }
    if (is_swarm_task(container) && used.contains(container.id.value)) {
      stack.observations.push_back(container.name +
                                   ": a task of a Swarm uses a volume of this project");
    }
  }
}

}  // namespace

Stack read_stack(const Observation& seen, const std::string& project,
                 const std::optional<dockerapi::ContainerId>& self) {
  Stack stack;
  stack.project = project;
  stack.self = self;
  for (const auto& container : seen.containers) {
    if (!is_helper(container)) {
      place(stack, container);
    }
  }
  std::sort(stack.services.begin(), stack.services.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  read_definition(stack, seen.containers);
  read_dependencies(stack);
  stack.volumes = read_volumes(stack, seen);
  stack.networks = read_networks(stack, seen);
  read_tmpfs(stack);
  note_unknown_mounts(stack);
  note_strangers(stack);
  // Replicas repeat what is odd about their service.
  std::sort(stack.observations.begin(), stack.observations.end());
  stack.observations.erase(std::unique(stack.observations.begin(), stack.observations.end()),
                           stack.observations.end());
  return stack;
}

std::vector<std::string> projects(const Observation& seen) {
  std::set<std::string> names;
  for (const auto& container : seen.containers) {
    if (is_compose_container(container)) {
      names.insert(label(container, kProjectLabel));
    }
  }
  return {names.begin(), names.end()};
}

std::string node_of(const Stack& stack, const Container& container) {
  if (!is_compose_container(container) || is_one_off(container)) {
    return "/" + container.name;
  }
  const auto project = label(container, kProjectLabel);
  const auto service = label(container, kServiceLabel);
  return project == stack.project ? service : project + "/" + service;
}

std::string shown(const std::string& node) {
  return node.substr(node.starts_with('/') ? 1 : 0);
}

std::vector<const Container*> containers_of(const Stack& stack, const std::string& node) {
  std::vector<const Container*> found;
  const auto add = [&](const std::vector<Container>& candidates) {
    for (const auto& container : candidates) {
      if (node_of(stack, container) == node) {
        found.push_back(&container);
      }
    }
  };
  for (const auto& service : stack.services) {
    add(service.replicas);
    add(service.one_offs);
  }
  add(stack.others);
  return found;
}

bool is_swarm_task(const Container& container) {
  return !label(container, "com.docker.swarm.task.id").empty();
}

const Service* find_service(const Stack& stack, const std::string& name) {
  const auto found = std::find_if(stack.services.begin(), stack.services.end(),
                                  [&](const auto& service) { return service.name == name; });
  return found == stack.services.end() ? nullptr : &*found;
}

std::string_view to_string(StackVolume::Kind kind) {
  switch (kind) {
    case StackVolume::Kind::Named:
      return "named";
    case StackVolume::Kind::External:
      return "external";
    case StackVolume::Kind::Anonymous:
      return "anonymous";
    case StackVolume::Kind::BindVolume:
      return "bind-volume";
    case StackVolume::Kind::Network:
      return "network";
    case StackVolume::Kind::TmpfsVolume:
      return "tmpfs-volume";
    case StackVolume::Kind::Plugin:
      return "plugin";
    case StackVolume::Kind::Bind:
      return "bind";
    case StackVolume::Kind::Special:
      return "special";
  }
  return "unknown";
}

std::string_view to_string(Condition condition) {
  switch (condition) {
    case Condition::Started:
      return "service_started";
    case Condition::Healthy:
      return "service_healthy";
    case Condition::CompletedSuccessfully:
      return "service_completed_successfully";
    case Condition::RunningOrHealthy:
      return "running_or_healthy";
  }
  return "unknown";
}

}  // namespace compose
