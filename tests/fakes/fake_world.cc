#include "tests/fakes/fake_world.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace fakes {

using dockerapi::Container;
using dockerapi::ContainerState;

namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr const char* kNever = "0001-01-01T00:00:00Z";

bool matches(const dockerapi::EventFilter& filter, const dockerapi::Event& event) {
  const auto among = [](const std::vector<std::string>& wanted, const auto& predicate) {
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), predicate);
  };
  return among(filter.kinds, [&](const auto& kind) { return kind == event.kind; }) &&
         among(filter.actions,
               [&](const auto& action) {
                 return action == event.action || event.action.starts_with(action + ":");
               }) &&
         carries(event.attributes, filter.labels);
}

}  // namespace

bool comes_back(const dockerapi::RestartPolicy& policy, int exit_code, int restart_count,
                bool stopped_by_hand) {
  if (policy.name == "always") {
    return true;
  }
  if (policy.name == "unless-stopped") {
    return !stopped_by_hand;
  }
  return policy.name == "on-failure" && exit_code != 0 &&
         (policy.maximum_retries == 0 || restart_count < policy.maximum_retries);
}

bool carries(const dockerapi::Labels& labels, const dockerapi::Labels& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && (label.second.empty() || label.second == found->second);
  });
}

void World::arrive() {
  if (!reachable) {
    throw dockerapi::Unreachable("cannot reach the fake engine: the test switched it off");
  }
  ++now_s;
}

void World::arrive(const std::string& line) {
  arrive();
  log.push_back(line);
  if (const auto wanted = refused.find(line); wanted != refused.end()) {
    refused.erase(wanted);
    throw dockerapi::Error("cannot " + line + ": engine answered 500: the test refuses it", 500);
  }
}

void World::answer(const std::string& line) {
  if (const auto wanted = lost.find(line); wanted != lost.end()) {
    lost.erase(wanted);
    throw dockerapi::Unreachable("the answer to '" + line + "' was lost: the test wants it so");
  }
}

World::Entry World::find(const dockerapi::ContainerId& id) {
  constexpr std::size_t kShortest = 4;
  for (const auto& entry : containers) {
    const auto& container = entry->container;
    if (container.id == id || container.name == id.value ||
        (id.value.size() >= kShortest && container.id.value.starts_with(id.value))) {
      return entry;
    }
  }
  throw dockerapi::NotFound("no such container: " + id.value);
}

World::Entry World::find_and_log(const std::string& verb, const dockerapi::ContainerId& id,
                                 const std::string& rest) {
  if (!reachable) {
    arrive();
  }
  auto entry = find(id);
  arrive(verb + " " + entry->container.name + (rest.empty() ? "" : " " + rest));
  return entry;
}

std::string World::new_id() {
  // splitmix64, so that short ids differ too.
  std::string id;
  for (int word = 0; word < 4; ++word) {
    std::uint64_t mixed = ++ids * 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016lx",
                  static_cast<unsigned long>(mixed ^ (mixed >> 31U)));
    id += digits.data();
  }
  return id;
}

std::string World::time_text() const {
  const std::time_t seconds = now_s;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000000001Z", &parts);
  return text.data();
}

void World::emit(const std::string& kind, const std::string& action, const std::string& id,
                 const std::map<std::string, std::string>& attributes) {
  const auto time = now_s * kNanoseconds + static_cast<std::int64_t>(history.size());
  history.push_back({kind, action, id, attributes, time});
  for (const auto& subscription : subscriptions) {
    if (matches(subscription->filter, history.back())) {
      subscription->pending.push_back(history.back());
    }
  }
  changed.notify_all();
}

void World::emit(const ContainerEntry& entry, const std::string& action) {
  auto attributes = entry.container.labels;
  attributes["name"] = entry.container.name;
  attributes["image"] = entry.container.image;
  if (action == "die") {
    attributes["exitCode"] = std::to_string(entry.container.exit_code);
  }
  emit("container", action, entry.container.id.value, attributes);
}

void World::replay(Subscription& subscription, std::int64_t since_ns) const {
  for (const auto& event : history) {
    if (since_ns > 0 && event.time_ns >= since_ns && matches(subscription.filter, event)) {
      subscription.pending.push_back(event);
    }
  }
}

void World::end_subscriptions() {
  for (const auto& subscription : subscriptions) {
    subscription->ended = true;
  }
  subscriptions.clear();
  changed.notify_all();
}

void World::launch(const Entry& entry) {
  Container& container = entry->container;
  for (const auto& network : container.networks) {
    if (!networks.contains(network)) {
      throw dockerapi::NotFound("cannot start " + container.name +
                                ": engine answered 404: network " + network + " not found");
    }
  }
  const std::string shared = "container:";
  if (container.network_mode.starts_with(shared)) {
    const auto owner = find({container.network_mode.substr(shared.size())});
    if (!dockerapi::alive(owner->container)) {
      container.exit_code = 128;
      container.state_error = "cannot join network of a non running container";
      throw dockerapi::Error("cannot start " + container.name + ": engine answered 500: " +
                                 container.state_error + ": " + owner->container.id.value,
                             500);
    }
  }
  container.state = ContainerState::Running;
  container.exit_code = 0;
  container.oom_killed = false;
  container.state_error.clear();
  container.started_at = time_text();
  container.finished_at = kNever;
  if (container.health_check) {
    const auto known = health.find(container.image);
    container.health = known == health.end() ? dockerapi::Health::Starting : known->second;
  }
  entry->stopped_by_hand = false;
  emit(*entry, "start");

  auto pipes = std::exchange(entry->waiting_pipes, nullptr);
  if (!pipes) {
    pipes = std::make_shared<Pipes>(entry->open_stdin);
  }
  std::vector<std::string> command = container.entrypoint;
  command.insert(command.end(), container.command.begin(), container.command.end());
  const auto script =
      std::find_if(start_scripts.rbegin(), start_scripts.rend(), [&](const StartScript& candidate) {
        return candidate.which == container.image || candidate.which == container.image_id ||
               (!command.empty() && candidate.which == command.front());
      });
  if (script == start_scripts.rend()) {
    entry->run = std::make_shared<Run>();
    entry->run->pipes = pipes;
    runs.push_back(entry->run);
    return;
  }
  Process process(container, command, container.env, pipes);
  entry->run = spawn(script->program, std::move(process), pipes,
                     [this, entry](int exit_code) { process_died(entry, exit_code); });
}

std::shared_ptr<Run> World::spawn(const Program& program, Process process,
                                  std::shared_ptr<Pipes> pipes,
                                  std::function<void(int)> when_ended) {
  auto run = std::make_shared<Run>();
  run->pipes = std::move(pipes);
  runs.push_back(run);
  run->thread = std::thread(
      [this, run, program, process = std::move(process), ended = std::move(when_ended)]() mutable {
        const int exit_code = run_program(program, process);
        const Lock lock(mutex);
        run->exit_code = exit_code;
        if (!run->expected_to_end) {
          ended(exit_code);
        }
        // Last, so that who has read to the end finds the exit code.
        run->pipes->end();
        changed.notify_all();
      });
  return run;
}

void World::await(Lock& lock, const std::shared_ptr<Run>& run) {
  run->expected_to_end = true;
  run->pipes->kill();
  if (run->thread.joinable()) {
    changed.wait(lock, [&] { return run->exit_code.has_value(); });
  }
  run->pipes->end();
}

void World::end_execs(Lock& lock, const std::string& container) {
  std::vector<std::shared_ptr<Run>> running;
  for (const auto& [id, exec] : execs) {
    if (exec.container == container && !exec.run->exit_code) {
      running.push_back(exec.run);
    }
  }
  for (const auto& run : running) {
    await(lock, run);
  }
}

void World::bring_down(Lock& lock, const Entry& entry, int exit_code) {
  if (entry->run) {
    await(lock, entry->run);
  }
  end_execs(lock, entry->container.id.value);
  if (dockerapi::alive(entry->container)) {
    mark_exited(*entry, exit_code);
  }
}

void World::mark_exited(ContainerEntry& entry, int exit_code) {
  entry.container.state = ContainerState::Exited;
  entry.container.exit_code = exit_code;
  entry.container.finished_at = time_text();
  entry.run = nullptr;
  emit(entry, "die");
}

void World::process_died(const Entry& entry, int exit_code) {
  mark_exited(*entry, exit_code);
  for (const auto& [id, exec] : execs) {
    if (exec.container == entry->container.id.value) {
      exec.run->expected_to_end = true;
      exec.run->pipes->kill();
    }
  }
  if (entry->container.auto_remove) {
    std::erase(containers, entry);
    emit(*entry, "destroy");
  } else if (comes_back(entry->container.restart_policy, exit_code, entry->container.restart_count,
                        false)) {
    entry->container.state = ContainerState::Restarting;
    ++entry->container.restart_count;
  }
  changed.notify_all();
}

void World::forget(Lock& lock, const Entry& entry) {
  bring_down(lock, entry, entry->container.exit_code);
  for (const auto& mount : entry->container.mounts) {
    const auto volume = volumes.find(mount.name);
    if (entry->container.auto_remove && volume != volumes.end() &&
        volume->second.labels.contains("com.docker.volume.anonymous")) {
      volumes.erase(volume);
    }
  }
  std::erase(containers, entry);
  emit(*entry, "destroy");
}

dockerapi::Volume& World::ensure_volume(const dockerapi::VolumeSpec& spec) {
  const auto [place, is_new] = volumes.try_emplace(spec.name);
  if (is_new) {
    place->second = {spec.name,   spec.driver, "/var/lib/docker/volumes/" + spec.name + "/_data",
                     "local",     time_text(), spec.labels,
                     spec.options};
    emit("volume", "create", spec.name, {{"driver", spec.driver}});
  }
  return place->second;
}

dockerapi::Network& World::ensure_network(const dockerapi::NetworkSpec& spec) {
  const auto [place, is_new] = networks.try_emplace(spec.name);
  if (is_new) {
    place->second = {new_id(),        spec.name,        spec.driver, "local",      spec.internal,
                     spec.attachable, spec.enable_ipv6, spec.labels, spec.options, spec.addresses};
    if (spec.addresses.pools.empty() && spec.driver == "bridge") {
      const auto subnet = "172." + std::to_string(16 + networks.size());
      place->second.addresses.pools = {{subnet + ".0.0/16", subnet + ".0.1", ""}};
    }
    emit("network", "create", place->second.id, {{"name", spec.name}, {"type", spec.driver}});
  }
  return place->second;
}

dockerapi::Mount World::mount_from(const dockerapi::MountSpec& spec) {
  dockerapi::Mount mount;
  mount.destination = spec.target;
  mount.writable = !spec.read_only;
  switch (spec.kind) {
    case dockerapi::MountSpec::Kind::Volume: {
      const auto volume = volumes.find(spec.source);
      if (volume == volumes.end()) {
        throw dockerapi::NotFound("no such volume: " + spec.source);
      }
      mount.kind = dockerapi::Mount::Kind::Volume;
      mount.name = spec.source;
      mount.source = volume->second.mountpoint;
      mount.driver = volume->second.driver;
      break;
    }
    case dockerapi::MountSpec::Kind::Bind:
      mount.kind = dockerapi::Mount::Kind::Bind;
      mount.source = spec.source;
      break;
    case dockerapi::MountSpec::Kind::Tmpfs:
      mount.kind = dockerapi::Mount::Kind::Tmpfs;
      break;
  }
  return mount;
}

const dockerapi::Image* World::find_image(const std::string& reference) const {
  for (const auto& image : images) {
    const bool tagged = std::any_of(image.tags.begin(), image.tags.end(), [&](const auto& tag) {
      return tag == reference || tag == reference + ":latest";
    });
    if (tagged || image.id == reference ||
        std::find(image.digests.begin(), image.digests.end(), reference) != image.digests.end()) {
      return &image;
    }
  }
  return nullptr;
}

}  // namespace fakes
