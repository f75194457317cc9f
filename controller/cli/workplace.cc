#include "controller/cli/workplace.h"

#include <algorithm>

#include "compose/compose_labels.h"
#include "compose/observe.h"
#include "controller/database/postgres_driver.h"
#include "controller/plan/detections.h"
#include "controller/plan/platform_version.h"
#include "dockerapi/http_engine.h"

namespace controller {

namespace {

/// The mount that holds `path`: the one with the longest destination above it.
const dockerapi::Mount* mount_holding(const dockerapi::Container& self,
                                      const std::filesystem::path& path) {
  const dockerapi::Mount* best = nullptr;
  for (const auto& mount : self.mounts) {
    const auto& destination = mount.destination;
    const std::string text = path.string();
    const bool above = text == destination || destination == "/" ||
                       (text.starts_with(destination) && text[destination.size()] == '/');
    if (above && (!best || destination.size() > best->destination.size())) {
      best = &mount;
    }
  }
  return best;
}

std::optional<LastRun> last_run(SnapshotStore& store, const std::string& project) {
  const auto manifest = store.last_success(project);
  if (!manifest) {
    return std::nullopt;
  }
  LastRun run{manifest->name, manifest->duration_seconds, {}, {}};
  for (const auto& member : manifest->services) {
    if (member.downtime_seconds > 0) {
      run.downtime_seconds[member.name] = member.downtime_seconds;
    }
  }
  for (const auto& volume : manifest->volumes) {
    run.bytes[volume.key] = volume.artifact.bytes;
  }
  for (const auto& database : manifest->databases) {
    run.bytes[database.service + "/" + database.name] = database.artifact.bytes;
  }
  return run;
}

}  // namespace

struct Workplace::State {
  SystemClock clock;
  std::unique_ptr<dockerapi::Engine> engine;
  std::unique_ptr<SnapshotStore> store;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<DatabaseDriver> databases;
  bool looked_for_self = false;
  std::optional<dockerapi::Container> self;
  std::optional<compose::Observation> observation;
  std::optional<compose::Stack> stack;
};

Workplace::Workplace(Settings settings, Reporter& reporter)
    : settings_(std::move(settings)), reporter_(reporter), state_(std::make_unique<State>()) {}

Workplace::~Workplace() = default;

dockerapi::Engine& Workplace::engine() {
  if (!state_->engine) {
    state_->engine = dockerapi::connect(dockerapi::endpoint_from_environment());
  }
  return *state_->engine;
}

SnapshotStore& Workplace::store() {
  if (!state_->store) {
    state_->store = open_directory_store(settings_.store);
  }
  return *state_->store;
}

Journal& Workplace::journal() {
  if (!state_->journal) {
    state_->journal = std::make_unique<Journal>(settings_.state);
  }
  return *state_->journal;
}

const std::optional<dockerapi::Container>& Workplace::self() {
  if (!state_->looked_for_self) {
    state_->self = compose::find_self(engine(), compose::own_process());
    state_->looked_for_self = true;
  }
  return state_->self;
}

const compose::Observation& Workplace::observation() {
  if (!state_->observation) {
    state_->observation = compose::observe(engine());
  }
  return *state_->observation;
}

std::string Workplace::project() {
  if (!settings_.project.empty()) {
    return settings_.project;
  }
  if (self()) {
    const auto label = self()->labels.find("com.docker.compose.project");
    if (label != self()->labels.end()) {
      return label->second;
    }
  }
  std::string known;
  for (const auto& name : compose::projects(observation())) {
    known += (known.empty() ? "" : ", ") + name;
  }
  throw SettingError(
      "which project? Set COFFERDAM_PROJECT, or run cofferdam as a service of it. The "
      "engine knows: " +
      (known.empty() ? "none" : known));
}

const compose::Stack& Workplace::stack() {
  if (!state_->stack) {
    std::optional<dockerapi::ContainerId> id;
    if (self()) {
      id = self()->id;
    }
    state_->stack = compose::read_stack(observation(), project(), id);
  }
  return *state_->stack;
}

PlanRequest Workplace::plan_request(const Policy& policy) {
  PlanRequest request;
  auto found = detect_databases(engine(), stack(), policy);
  request.detections = std::move(found.databases);
  request.clusters = std::move(found.clusters);
  request.problems = std::move(found.problems);
  return request;
}

Policy Workplace::policy() {
  return read_policy(stack(), config_text(settings_.config));
}

std::vector<LabelledSchedule> Workplace::schedule_labels() {
  compose::Observation seen;
  seen.containers = engine().containers({{{std::string(compose::kProjectLabel), project()}}, {}});
  return controller::schedule_labels(compose::read_stack(seen, project(), std::nullopt));
}

CapturePlan Workplace::plan(const std::vector<std::string>& services) {
  const auto said = policy();
  auto request = plan_request(said);
  request.services = services;
  request.compression_extension = file_extension(settings_.compression);
  request.last = last_run(store(), project());
  return plan_capture(stack(), said, request);
}

std::string Workplace::platform_version() {
  const auto said = policy();
  return controller::platform_version(stack(), said, plan_request(said));
}

std::set<std::string> Workplace::database_services() {
  std::set<std::string> names;
  for (const auto& [name, detection] : plan_request(policy()).detections) {
    names.insert(name);
  }
  return names;
}

StoreMount Workplace::store_mount() {
  StoreMount found;
  found.mount.target = found.root;
  found.mount.read_only = false;
  if (!self()) {
    found.mount.kind = dockerapi::MountSpec::Kind::Bind;
    found.mount.source = std::filesystem::canonical(settings_.store).string();
    return found;
  }
  const auto* mount = mount_holding(*self(), settings_.store);
  if (!mount || mount->kind == dockerapi::Mount::Kind::Other ||
      mount->kind == dockerapi::Mount::Kind::Tmpfs) {
    throw SettingError("the store " + settings_.store.string() +
                       " is on no volume or bind mount of this container, so it would be lost with "
                       "it; mount one there");
  }
  const bool volume = mount->kind == dockerapi::Mount::Kind::Volume;
  found.mount.kind = volume ? dockerapi::MountSpec::Kind::Volume : dockerapi::MountSpec::Kind::Bind;
  found.mount.source = volume ? mount->name : mount->source;
  const std::string path = settings_.store.string();
  if (path.size() > mount->destination.size()) {
    found.root += "/" + path.substr(mount->destination.size() + 1);
  }
  return found;
}

AgentImage Workplace::agent_image() {
  AgentImage agent;
  agent.memory_bytes = settings_.agent_memory;
  if (!self()) {
    if (settings_.image.empty()) {
      throw SettingError(
          "cofferdam runs in no container of this engine, so it does not know its own "
          "image; set COFFERDAM_IMAGE");
    }
    agent.image = engine().inspect_image(settings_.image).id;
    agent.instance = "outside-" + settings_.store.string();
    return agent;
  }
  agent.image =
      settings_.image.empty() ? self()->image_id : engine().inspect_image(settings_.image).id;
  agent.instance = self()->name;
  for (const auto& option : self()->security_options) {
    if (option.starts_with("label")) {
      agent.security_options.push_back(option);
    }
  }
  return agent;
}

Setting Workplace::setting() {
  store();  // makes the directory, which store_mount() looks at
  const AgentImage agent = agent_image();
  if (!state_->databases) {
    state_->databases = postgres_driver(engine(), agent);
  }
  return {engine(),  store(), journal(),     state_->clock, *state_->databases,
          reporter_, agent,   store_mount(), read_dump};
}

ReplayReport Workplace::replay() {
  auto all = setting();
  return controller::replay(all);
}

}  // namespace controller
