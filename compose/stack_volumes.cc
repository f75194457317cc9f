#include "compose/stack_volumes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "compose/compose_labels.h"
#include "compose/volume_kind.h"

namespace compose {

namespace {

using dockerapi::Container;
using dockerapi::Mount;
using Kind = StackVolume::Kind;

// Where the engine keeps its own files, told by where it keeps a plain volume.
std::string engine_root(const std::vector<dockerapi::Volume>& volumes) {
  for (const auto& volume : volumes) {
    const std::string tail = "/volumes/" + volume.name + "/_data";
    if (volume.mountpoint.size() > tail.size() && volume.mountpoint.ends_with(tail)) {
      return volume.mountpoint.substr(0, volume.mountpoint.size() - tail.size());
    }
  }
  return Surroundings{}.engine_root;
}

bool in_project(const Stack& stack, const Container& container) {
  return label(container, kProjectLabel) == stack.project;
}

VolumeUser user_of(const Stack& stack, const Container& container, const Mount& mount) {
  return {container.id,
          container.name,
          label(container, kProjectLabel),
          is_compose_container(container) ? label(container, kServiceLabel) : std::string(),
          node_of(stack, container),
          mount.destination,
          mount.writable,
          dockerapi::alive(container)};
}

// What identifies a mount's source: volume name, or path with a sign that no name has.
std::string source_of(const Mount& mount) {
  return mount.kind == Mount::Kind::Volume ? mount.name : "//" + mount.source;
}

bool has_source(const Mount& mount) {
  return mount.kind == Mount::Kind::Volume || mount.kind == Mount::Kind::Bind;
}

// Compose re-attaches an anonymous volume by where it is mounted; its name means nothing.
std::string anonymous_key(const Stack& stack, const StackVolume& volume,
                          const std::vector<const Container*>& containers) {
  for (const auto* container : containers) {
    const auto user =
        std::find_if(volume.users.begin(), volume.users.end(),
                     [&](const auto& candidate) { return candidate.container == container->id; });
    if (user == volume.users.end() || !in_project(stack, *container)) {
      continue;
    }
    const bool replica = is_compose_container(*container) && !is_one_off(*container);
    const auto owner =
        replica ? user->service + "/" + label(*container, kNumberLabel) : container->name;
    return owner + ":" + user->destination;
  }
  return volume.name;
}

class Reader {
 public:
  Reader(const Stack& stack, const Observation& seen)
      : stack_(stack), around_{stack.project, engine_root(seen.volumes)} {
    for (const auto& volume : seen.volumes) {
      known_[volume.name] = &volume;
    }
    for (const auto& container : seen.containers) {
      if (!is_helper(container)) {
        containers_.push_back(&container);
      }
    }
  }

  std::vector<StackVolume> read() {
    add_labelled();
    add_mounted();
    add_users();
    std::vector<StackVolume> volumes;
    for (auto& [source, volume] : found_) {
      volumes.push_back(std::move(volume));
    }
    name_keys(volumes);
    std::sort(volumes.begin(), volumes.end(),
              [](const auto& one, const auto& other) { return one.key < other.key; });
    mark_same(volumes);
    return volumes;
  }

 private:
  void add_labelled() {
    for (const auto& [name, volume] : known_) {
      const auto project = volume->labels.find(std::string(kProjectLabel));
      if (project != volume->labels.end() && project->second == stack_.project) {
        add_volume(*volume);
      }
    }
  }

  void add_mounted() {
    for (const auto* container : containers_) {
      if (!in_project(stack_, *container)) {
        continue;
      }
      for (const auto& mount : container->mounts) {
        add_mount(mount);
      }
    }
  }

  void add_mount(const Mount& mount) {
    if (!has_source(mount) || found_.contains(source_of(mount))) {
      return;
    }
    if (mount.kind == Mount::Kind::Bind) {
      StackVolume bind;
      bind.key = bind.name = mount.source;
      bind.kind = kind_of_bind(mount.source, around_);
      found_.emplace(source_of(mount), std::move(bind));
      return;
    }
    const auto known = known_.find(mount.name);
    if (known != known_.end()) {
      add_volume(*known->second);
      return;
    }
    // Removed by force, or made since the volumes were listed: what the mount says must do.
    dockerapi::Volume volume;
    volume.name = mount.name;
    volume.driver = mount.driver.empty() ? "local" : mount.driver;
    volume.mountpoint = mount.source;
    add_volume(volume);
  }

  void add_volume(const dockerapi::Volume& volume) {
    StackVolume entry;
    entry.kind = kind_of_volume(volume, around_);
    entry.name = volume.name;
    entry.volume = volume;
    found_.emplace(volume.name, std::move(entry));
  }

  void add_users() {
    for (const auto* container : containers_) {
      for (const auto& mount : container->mounts) {
        const auto volume = has_source(mount) ? found_.find(source_of(mount)) : found_.end();
        if (volume != found_.end()) {
          volume->second.users.push_back(user_of(stack_, *container, mount));
        }
      }
    }
  }

  // Keys are unique: a volume of the project has the first right to its key.
  void name_keys(std::vector<StackVolume>& volumes) const {
    std::set<std::string> taken;
    std::stable_partition(volumes.begin(), volumes.end(),
                          [](const auto& volume) { return volume.kind != Kind::External; });
    for (auto& volume : volumes) {
      if (volume.kind == Kind::Anonymous) {
        volume.key = anonymous_key(stack_, volume, containers_);
      } else if (volume.key.empty()) {
        volume.key = compose_key(volume.volume, stack_.project);
      }
      if (!taken.insert(volume.key).second) {
        volume.key = taken.contains(volume.name) ? "volume:" + volume.name : volume.name;
        taken.insert(volume.key);
      }
    }
  }

  static void mark_same(std::vector<StackVolume>& volumes) {
    std::map<std::string, std::string> first_at;
    for (auto& volume : volumes) {
      const auto place = place_of(volume);
      if (place.empty()) {
        continue;
      }
      const auto [first, is_new] = first_at.emplace(place, volume.key);
      if (!is_new) {
        volume.same_as = first->second;
      }
    }
  }

  const Stack& stack_;
  Surroundings around_;
  std::map<std::string, const dockerapi::Volume*> known_;
  std::vector<const Container*> containers_;
  std::map<std::string, StackVolume> found_;  // by source_of()
};

}  // namespace

std::vector<StackVolume> read_volumes(const Stack& stack, const Observation& seen) {
  return Reader(stack, seen).read();
}

}  // namespace compose
