#include "tests/fakes/fake_engine.h"

#include <algorithm>
#include <utility>

#include "tests/fakes/created_container.h"
#include "tests/fakes/fake_world.h"

namespace fakes {

using dockerapi::Conflict;
using dockerapi::Container;
using dockerapi::ContainerId;
using dockerapi::ContainerState;
using dockerapi::NotFound;

using Lock = World::Lock;

namespace {

constexpr const char* kNever = "0001-01-01T00:00:00Z";
const std::map<std::string, std::string> kOwnNetworks = {
    {"bridge", "bridge"}, {"host", "host"}, {"none", "null"}};

bool mounts(const Container& container, const std::string& volume) {
  return std::any_of(
      container.mounts.begin(), container.mounts.end(), [&](const dockerapi::Mount& mount) {
        return volume == mount.name || volume == mount.source || volume == mount.destination;
      });
}

/// Reads what the world emits; shares its fate.
class Feed : public dockerapi::EventStream {
 public:
  /// With the lock held.
  Feed(World& world, std::shared_ptr<Subscription> subscription)
      : world_(world),
        subscription_(std::move(subscription)),
        opened_ns_(world.now_s * 1'000'000'000) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  ~Feed() override {
    const Lock lock(world_.mutex);
    std::erase(world_.subscriptions, subscription_);
  }

  std::optional<dockerapi::Event> next() override {
    Lock lock(world_.mutex);
    world_.changed.wait(lock, [this] {
      return cancelled_ || !subscription_->pending.empty() || subscription_->ended;
    });
    if (cancelled_ || subscription_->pending.empty()) {
      return std::nullopt;
    }
    auto event = std::move(subscription_->pending.front());
    subscription_->pending.pop_front();
    return event;
  }

  void cancel() noexcept override {
    const Lock lock(world_.mutex);
    cancelled_ = true;
    world_.changed.notify_all();
  }

  [[nodiscard]] std::int64_t opened_ns() const override { return opened_ns_; }

 private:
  World& world_;
  std::shared_ptr<Subscription> subscription_;
  std::int64_t opened_ns_;
  bool cancelled_ = false;
};

int exec_not_found(Process& process) {
  process.write_stdout(
      "OCI runtime exec failed: exec failed: unable to start container process: "
      "exec: \"" +
      process.command().front() + "\": executable file not found in $PATH: unknown\r\n");
  return 127;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

}  // namespace

FakeEngine::FakeEngine() : world_(std::make_unique<World>()) {
  for (const auto& [name, driver] : kOwnNetworks) {
    world_->ensure_network({name, driver, false, false, false, {}, {}, {}});
  }
}

FakeEngine::~FakeEngine() {
  Lock lock(world_->mutex);
  world_->end_subscriptions();
  for (const auto& run : world_->runs) {
    if (!run->exit_code) {
      world_->await(lock, run);
    }
  }
  lock.unlock();
  for (const auto& run : world_->runs) {
    if (run->thread.joinable()) {
      run->thread.join();
    }
  }
}

ContainerId FakeEngine::add_container(Container container) {
  const Lock lock(world_->mutex);
  ++world_->now_s;
  const auto fill = [](std::string& field, const std::string& value) {
    field = field.empty() ? value : field;
  };
  const bool is_alive = dockerapi::alive(container);
  fill(container.id.value, world_->new_id());
  fill(container.name, container.id.value.substr(0, 12));
  fill(container.image_id, "sha256:" + world_->new_id());
  fill(container.hostname, container.id.value.substr(0, 12));
  fill(container.created_at, world_->time_text());
  fill(container.started_at, is_alive ? world_->time_text() : kNever);
  fill(container.finished_at, kNever);
  fill(container.network_mode, "default");
  for (auto& mount : container.mounts) {
    if (mount.kind == dockerapi::Mount::Kind::Volume) {
      const auto& volume = world_->ensure_volume({mount.name, "local", {}, {}});
      fill(mount.source, volume.mountpoint);
      fill(mount.driver, volume.driver);
    }
  }
  for (const auto& network : container.networks) {
    world_->ensure_network({network, "bridge", false, false, false, {}, {}, {}});
  }
  auto entry = std::make_shared<ContainerEntry>();
  entry->container = std::move(container);
  if (is_alive) {
    entry->run = std::make_shared<Run>();
    entry->run->pipes = std::make_shared<Pipes>(false);
    world_->runs.push_back(entry->run);
  }
  world_->containers.push_back(entry);
  return entry->container.id;
}

void FakeEngine::add_volume(dockerapi::Volume volume) {
  const Lock lock(world_->mutex);
  auto& added = world_->ensure_volume({volume.name, volume.driver, volume.labels, volume.options});
  added.mountpoint = volume.mountpoint.empty() ? added.mountpoint : volume.mountpoint;
  added.scope = volume.scope.empty() ? added.scope : volume.scope;
  added.created_at = volume.created_at.empty() ? added.created_at : volume.created_at;
}

void FakeEngine::add_network(const dockerapi::NetworkSpec& network) {
  const Lock lock(world_->mutex);
  world_->ensure_network(network);
}

void FakeEngine::add_image(dockerapi::Image image) {
  const Lock lock(world_->mutex);
  image.id = image.id.empty() ? "sha256:" + world_->new_id() : image.id;
  image.os = image.os.empty() ? "linux" : image.os;
  image.architecture = image.architecture.empty() ? "amd64" : image.architecture;
  world_->images.push_back(std::move(image));
}

void FakeEngine::add_path(const ContainerId& id, const std::string& path, std::int64_t size) {
  const Lock lock(world_->mutex);
  world_->find(id)->paths[path] = {path.substr(path.rfind('/') + 1), size,
                                   dockerapi::PathStat::Kind::File};
}

void FakeEngine::add_directory(const ContainerId& id, const std::string& path) {
  const Lock lock(world_->mutex);
  world_->find(id)->paths[path] = {path.substr(path.rfind('/') + 1), 0,
                                   dockerapi::PathStat::Kind::Directory};
}

void FakeEngine::on_start(const std::string& which, Program program) {
  const Lock lock(world_->mutex);
  world_->start_scripts.push_back({which, std::move(program)});
}

void FakeEngine::on_exec(
    std::function<bool(const Container&, const std::vector<std::string>&)> matches,
    Program program) {
  const Lock lock(world_->mutex);
  world_->exec_scripts.push_back({std::move(matches), std::move(program)});
}

void FakeEngine::on_exec(const std::string& word, Program program) {
  on_exec(
      [word](const Container&, const std::vector<std::string>& command) {
        return !command.empty() && command.front() == word;
      },
      std::move(program));
}

void FakeEngine::set_health(const ContainerId& id, dockerapi::Health health) {
  const Lock lock(world_->mutex);
  const auto entry = world_->find(id);
  entry->container.health = health;
  if (health != dockerapi::Health::None) {
    world_->emit(*entry, health == dockerapi::Health::Healthy     ? "health_status: healthy"
                         : health == dockerapi::Health::Unhealthy ? "health_status: unhealthy"
                                                                  : "health_status: starting");
  }
}

void FakeEngine::set_health_of(const std::string& image, dockerapi::Health health) {
  const Lock lock(world_->mutex);
  world_->health[image] = health;
}

void FakeEngine::set_stop_exit_code(const ContainerId& id, int exit_code) {
  const Lock lock(world_->mutex);
  world_->find(id)->stop_exit_code = exit_code;
}

void FakeEngine::crash(const ContainerId& id, int exit_code) {
  Lock lock(world_->mutex);
  ++world_->now_s;
  const auto entry = world_->find(id);
  world_->bring_down(lock, entry, exit_code);
  const auto& container = entry->container;
  if (comes_back(container.restart_policy, exit_code, container.restart_count, false)) {
    ++entry->container.restart_count;
    world_->launch(entry);
  } else if (container.auto_remove) {
    world_->forget(lock, entry);
  }
}

void FakeEngine::restart_engine() {
  Lock lock(world_->mutex);
  ++world_->now_s;
  world_->end_subscriptions();
  const auto entries = world_->containers;
  for (const auto& entry : entries) {
    world_->bring_down(lock, entry, entry->stop_exit_code);
  }
  for (const auto& entry : entries) {
    const auto& container = entry->container;
    const bool ever_started = container.started_at != kNever;
    if (ever_started && comes_back(container.restart_policy, container.exit_code,
                                   container.restart_count, entry->stopped_by_hand)) {
      world_->launch(entry);
    }
  }
}

void FakeEngine::set_reachable(bool reachable) {
  const Lock lock(world_->mutex);
  world_->reachable = reachable;
  if (reachable) {
    return;
  }
  world_->end_subscriptions();
  for (const auto& run : world_->runs) {
    run->pipes->disconnect();
  }
  world_->changed.notify_all();
}

void FakeEngine::refuse(const std::string& line) {
  const Lock lock(world_->mutex);
  world_->refused.insert(line);
}

void FakeEngine::lose_answer(const std::string& line) {
  const Lock lock(world_->mutex);
  world_->lost.insert(line);
}

Log FakeEngine::log() const {
  const Lock lock(world_->mutex);
  return world_->log;
}

void FakeEngine::clear_log() {
  const Lock lock(world_->mutex);
  world_->log.clear();
}

dockerapi::EngineVersion FakeEngine::version() {
  const Lock lock(world_->mutex);
  world_->arrive();
  return {"26.1.5", "1.45", "linux", "amd64"};
}

std::vector<Container> FakeEngine::containers(const dockerapi::ContainerFilter& filter) {
  const Lock lock(world_->mutex);
  world_->arrive();
  std::vector<Container> found;
  for (const auto& entry : world_->containers) {
    if (carries(entry->container.labels, filter.labels) &&
        (filter.volume.empty() || mounts(entry->container, filter.volume))) {
      found.push_back(entry->container);
    }
  }
  return found;
}

Container FakeEngine::inspect(const ContainerId& id) {
  const Lock lock(world_->mutex);
  world_->arrive();
  return world_->find(id)->container;
}

ContainerId FakeEngine::create(const dockerapi::ContainerSpec& spec) {
  const Lock lock(world_->mutex);
  const std::string line = "create " + spec.name;
  world_->arrive(line);
  for (const auto& entry : world_->containers) {
    if (!spec.name.empty() && entry->container.name == spec.name) {
      throw Conflict("cannot create " + spec.name + ": the name is already in use");
    }
  }
  const auto* image = world_->find_image(spec.image);
  if (image == nullptr) {
    throw NotFound("cannot create " + spec.name + ": no such image: " + spec.image);
  }
  auto entry = std::make_shared<ContainerEntry>();
  Container& made = entry->container;
  made = container_from(spec, *image);
  made.id.value = world_->new_id();
  made.name = spec.name.empty() ? "fake_" + made.id.value.substr(0, 12) : spec.name;
  made.created_at = world_->time_text();
  made.started_at = kNever;
  made.finished_at = kNever;
  if (made.hostname.empty()) {
    made.hostname = made.id.value.substr(0, 12);
  }
  const std::string shared = "container:";
  if (made.network_mode.starts_with(shared)) {
    made.network_mode =
        shared + world_->find({made.network_mode.substr(shared.size())})->container.id.value;
  }
  for (const auto& mount : spec.mounts) {
    made.mounts.push_back(world_->mount_from(mount));
  }
  entry->open_stdin = spec.open_stdin;
  world_->containers.push_back(entry);
  world_->emit(*entry, "create");
  world_->answer(line);
  return made.id;
}

void FakeEngine::start(const ContainerId& id) {
  const Lock lock(world_->mutex);
  const auto entry = world_->find_and_log("start", id);
  if (entry->container.state == ContainerState::Paused) {
    throw Conflict("cannot start " + entry->container.name +
                   ": cannot start a paused container, try unpause instead");
  }
  if (entry->container.state != ContainerState::Running) {
    world_->launch(entry);
  }
  world_->answer("start " + entry->container.name);
}

void FakeEngine::stop(const ContainerId& id, std::optional<std::chrono::seconds> /*grace*/) {
  Lock lock(world_->mutex);
  const auto entry = world_->find_and_log("stop", id);
  if (dockerapi::alive(entry->container)) {
    entry->stopped_by_hand = true;
    world_->emit(*entry, "kill");
    world_->bring_down(lock, entry, entry->stop_exit_code);
    world_->emit(*entry, "stop");
    if (entry->container.auto_remove) {
      world_->forget(lock, entry);
    }
  }
  world_->answer("stop " + entry->container.name);
}

void FakeEngine::pause(const ContainerId& id) {
  const Lock lock(world_->mutex);
  const auto entry = world_->find_and_log("pause", id);
  if (!dockerapi::alive(entry->container)) {
    throw Conflict("cannot pause " + entry->container.name + ": it is not running");
  }
  if (entry->container.state == ContainerState::Restarting) {
    throw Conflict("cannot pause " + entry->container.name + ": it is restarting");
  }
  if (entry->container.state != ContainerState::Paused) {
    entry->container.state = ContainerState::Paused;
    world_->emit(*entry, "pause");
  }
  world_->answer("pause " + entry->container.name);
}

void FakeEngine::unpause(const ContainerId& id) {
  const Lock lock(world_->mutex);
  const auto entry = world_->find_and_log("unpause", id);
  if (!dockerapi::alive(entry->container)) {
    throw dockerapi::Error("cannot unpause " + entry->container.name + ": it is not paused", 500);
  }
  if (entry->container.state == ContainerState::Paused) {
    entry->container.state = ContainerState::Running;
    world_->emit(*entry, "unpause");
  }
  world_->answer("unpause " + entry->container.name);
}

void FakeEngine::kill(const ContainerId& id) {
  constexpr int kKilled = 137;
  Lock lock(world_->mutex);
  const auto entry = world_->find_and_log("kill", id);
  if (dockerapi::alive(entry->container)) {
    entry->stopped_by_hand = true;
    world_->emit(*entry, "kill");
    world_->bring_down(lock, entry, kKilled);
    if (entry->container.auto_remove) {
      world_->forget(lock, entry);
    }
  }
  world_->answer("kill " + entry->container.name);
}

int FakeEngine::wait(const ContainerId& id) {
  Lock lock(world_->mutex);
  world_->arrive();
  const auto entry = world_->find(id);
  world_->changed.wait(lock,
                       [&] { return !dockerapi::alive(entry->container) || !world_->reachable; });
  if (!world_->reachable) {
    throw dockerapi::Unreachable("the connection to the fake engine broke");
  }
  return entry->container.exit_code;
}

void FakeEngine::remove(const ContainerId& id) {
  constexpr int kKilled = 137;
  Lock lock(world_->mutex);
  World::Entry entry;
  try {
    entry = world_->find_and_log("remove", id);
  } catch (const NotFound&) {
    return;
  }
  world_->bring_down(lock, entry, kKilled);
  world_->forget(lock, entry);
  world_->answer("remove " + entry->container.name);
}

void FakeEngine::set_restart_policy(const ContainerId& id, const dockerapi::RestartPolicy& policy) {
  const Lock lock(world_->mutex);
  const auto entry = world_->find_and_log("restart-policy", id, policy.name);
  entry->container.restart_policy = policy;
  world_->emit(*entry, "update");
  world_->answer("restart-policy " + entry->container.name + " " + policy.name);
}

std::unique_ptr<dockerapi::Stream> FakeEngine::attach(const ContainerId& id, bool with_stdin) {
  const Lock lock(world_->mutex);
  const auto entry = world_->find_and_log("attach", id);
  if (entry->container.state == ContainerState::Paused) {
    throw Conflict("cannot attach to " + entry->container.name + ": it is paused");
  }
  auto pipes = entry->run ? entry->run->pipes : entry->waiting_pipes;
  if (!pipes) {
    pipes = std::make_shared<Pipes>(entry->open_stdin);
    entry->waiting_pipes = pipes;
  }
  auto stream = open_stream(pipes, with_stdin);
  world_->emit(*entry, "attach");
  world_->answer("attach " + entry->container.name);
  return stream;
}

dockerapi::Exec FakeEngine::exec(const ContainerId& id, const dockerapi::ExecSpec& spec) {
  const Lock lock(world_->mutex);
  const auto entry = world_->find_and_log("exec", id, joined(spec.command));
  const Container& container = entry->container;
  if (container.state == ContainerState::Paused) {
    throw Conflict("cannot exec in " + container.name +
                   ": it is paused, unpause the container before exec");
  }
  if (container.state != ContainerState::Running) {
    throw Conflict("cannot exec in " + container.name + ": it is not running");
  }
  Program program = exec_not_found;
  for (const auto& script : world_->exec_scripts) {
    if (script.matches(container, spec.command)) {
      program = script.program;
    }
  }
  const std::string exec_id = world_->new_id();
  auto pipes = std::make_shared<Pipes>(spec.attach_stdin);
  // Attached before the process starts: nothing of its output may be lost.
  auto stream = open_stream(pipes, spec.attach_stdin);
  Process process(container, spec.command, spec.env, pipes);
  world_->emit(*entry, "exec_start: " + joined(spec.command));
  auto run = world_->spawn(program, std::move(process), pipes,
                           [world = world_.get(), entry](int) { world->emit(*entry, "exec_die"); });
  world_->execs[exec_id] = {container.id.value, std::move(run)};
  world_->answer("exec " + container.name + " " + joined(spec.command));
  return {exec_id, std::move(stream)};
}

dockerapi::ExecState FakeEngine::inspect_exec(const std::string& exec_id) {
  const Lock lock(world_->mutex);
  world_->arrive();
  const auto found = world_->execs.find(exec_id);
  const bool has_container =
      found != world_->execs.end() &&
      std::any_of(world_->containers.begin(), world_->containers.end(), [&](const auto& entry) {
        return entry->container.id.value == found->second.container;
      });
  if (!has_container) {
    throw NotFound("no such exec: " + exec_id);
  }
  const auto& run = *found->second.run;
  return {!run.exit_code.has_value(), run.exit_code, 4711};
}

std::optional<dockerapi::PathStat> FakeEngine::stat_path(const ContainerId& id,
                                                         const std::string& path) {
  const Lock lock(world_->mutex);
  world_->arrive();
  try {
    const auto& paths = world_->find(id)->paths;
    const auto found = paths.find(path);
    return found == paths.end() ? std::nullopt : std::optional(found->second);
  } catch (const NotFound&) {
    return std::nullopt;
  }
}

std::vector<dockerapi::Volume> FakeEngine::volumes(const dockerapi::Labels& labels) {
  const Lock lock(world_->mutex);
  world_->arrive();
  std::vector<dockerapi::Volume> found;
  for (const auto& [name, volume] : world_->volumes) {
    if (carries(volume.labels, labels)) {
      found.push_back(volume);
    }
  }
  return found;
}

dockerapi::Volume FakeEngine::inspect_volume(const std::string& name) {
  const Lock lock(world_->mutex);
  world_->arrive();
  const auto found = world_->volumes.find(name);
  if (found == world_->volumes.end()) {
    throw NotFound("no such volume: " + name);
  }
  return found->second;
}

dockerapi::Volume FakeEngine::create_volume(const dockerapi::VolumeSpec& spec) {
  const Lock lock(world_->mutex);
  const std::string line = "create-volume " + spec.name;
  world_->arrive(line);
  const auto volume = world_->ensure_volume(spec);
  if (volume.driver != spec.driver) {
    throw Conflict("cannot create volume " + spec.name + ": it exists with driver " +
                   volume.driver);
  }
  world_->answer(line);
  return volume;
}

void FakeEngine::remove_volume(const std::string& name) {
  const Lock lock(world_->mutex);
  const std::string line = "remove-volume " + name;
  world_->arrive(line);
  for (const auto& entry : world_->containers) {
    for (const auto& mount : entry->container.mounts) {
      if (mount.kind == dockerapi::Mount::Kind::Volume && mount.name == name) {
        throw Conflict("cannot remove volume " + name + ": it is in use by " +
                       entry->container.name);
      }
    }
  }
  if (world_->volumes.erase(name) > 0) {
    world_->emit("volume", "destroy", name, {{"driver", "local"}});
  }
  world_->answer(line);
}

std::vector<dockerapi::Network> FakeEngine::networks(const dockerapi::Labels& labels) {
  const Lock lock(world_->mutex);
  world_->arrive();
  std::vector<dockerapi::Network> found;
  for (const auto& [name, network] : world_->networks) {
    if (carries(network.labels, labels)) {
      found.push_back(network);
    }
  }
  return found;
}

dockerapi::Network FakeEngine::create_network(const dockerapi::NetworkSpec& spec) {
  const Lock lock(world_->mutex);
  const std::string line = "create-network " + spec.name;
  world_->arrive(line);
  if (world_->networks.contains(spec.name)) {
    throw Conflict("cannot create network " + spec.name + ": network with name " + spec.name +
                   " already exists");
  }
  const auto network = world_->ensure_network(spec);
  world_->answer(line);
  return network;
}

void FakeEngine::remove_network(const std::string& name_or_id) {
  const Lock lock(world_->mutex);
  const std::string line = "remove-network " + name_or_id;
  world_->arrive(line);
  const auto found = std::find_if(
      world_->networks.begin(), world_->networks.end(),
      [&](auto& each) { return each.first == name_or_id || each.second.id == name_or_id; });
  if (found != world_->networks.end()) {
    const std::string name = found->first;
    if (kOwnNetworks.contains(name)) {
      throw Conflict("cannot remove network " + name + ": it is a pre-defined network");
    }
    for (const auto& entry : world_->containers) {
      const auto& joined = entry->container.networks;
      if (dockerapi::alive(entry->container) &&
          std::find(joined.begin(), joined.end(), name) != joined.end()) {
        throw Conflict("cannot remove network " + name + ": " + entry->container.name +
                       " is connected to it");
      }
    }
    world_->emit("network", "destroy", found->second.id, {{"name", name}});
    world_->networks.erase(found);
  }
  world_->answer(line);
}

dockerapi::Image FakeEngine::inspect_image(const std::string& reference) {
  const Lock lock(world_->mutex);
  world_->arrive();
  const auto* image = world_->find_image(reference);
  if (image == nullptr) {
    throw NotFound("no such image: " + reference);
  }
  return *image;
}

std::string FakeEngine::import_image(const std::function<std::string_view()>& next,
                                     const std::string& repository, const std::string& tag,
                                     const std::vector<std::string>& changes) {
  while (!next().empty()) {
  }
  const Lock lock(world_->mutex);
  const std::string name = repository + ":" + tag;
  const std::string line = "import " + name;
  world_->arrive(line);
  dockerapi::Image image{"sha256:" + world_->new_id(), {name}, {}, "amd64", "linux", {}};
  for (const auto& change : changes) {
    const std::string keyword = "LABEL ";
    const auto equals = change.find('=');
    if (change.starts_with(keyword) && equals != std::string::npos) {
      image.labels[change.substr(keyword.size(), equals - keyword.size())] =
          change.substr(equals + 1);
    }
  }
  for (auto& older : world_->images) {
    std::erase(older.tags, name);
  }
  world_->images.push_back(image);
  world_->answer(line);
  return image.id;
}

std::unique_ptr<dockerapi::EventStream> FakeEngine::events(const dockerapi::EventFilter& filter,
                                                           std::int64_t since_ns) {
  const Lock lock(world_->mutex);
  world_->arrive();
  auto subscription = std::make_shared<Subscription>();
  subscription->filter = filter;
  world_->replay(*subscription, since_ns);
  world_->subscriptions.push_back(subscription);
  return std::make_unique<Feed>(*world_, std::move(subscription));
}

}  // namespace fakes
