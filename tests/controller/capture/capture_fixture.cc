#include "tests/controller/capture/capture_fixture.h"

#include "compose/observe.h"

using namespace controller;

namespace {

dockerapi::Container service(const std::string& name, const std::string& depends_on) {
  dockerapi::Container container;
  container.name = "shop-" + name + "-1";
  container.image = name + ":1.2";
  container.state = dockerapi::ContainerState::Running;
  container.labels = {
      {"com.docker.compose.project", "shop"},       {"com.docker.compose.service", name},
      {"com.docker.compose.container-number", "1"}, {"com.docker.compose.oneoff", "False"},
      {"com.docker.compose.config-hash", "x"},      {"com.docker.compose.depends_on", depends_on}};
  return container;
}

dockerapi::Volume volume(const std::string& key) {
  return {"shop_" + key,
          "local",
          "/var/lib/docker/volumes/shop_" + key + "/_data",
          "local",
          "",
          {{"com.docker.compose.project", "shop"},
           {"com.docker.compose.volume", key},
           {"cofferdam.backup", "true"}},
          {}};
}

dockerapi::Mount mount(const std::string& key, const std::string& destination) {
  dockerapi::Mount mounted;
  mounted.kind = dockerapi::Mount::Kind::Volume;
  mounted.name = "shop_" + key;
  mounted.destination = destination;
  mounted.driver = "local";
  mounted.writable = true;
  return mounted;
}

}  // namespace

Shop::Shop() : driver_(databases) {
  store = open_directory_store(store_path());
  journal = std::make_unique<Journal>(folder_.path() / "state.db");
  dockerapi::Image image;
  image.id = "sha256:agent";
  image.tags = {"cofferdam:test"};
  engine.add_image(image);
  engine.on_start("/cofferdam", scripted_agent(store_path(), volumes));
  engine.add_volume(volume("files"));
  engine.add_volume(volume("pg"));
  auto server = service("db", "");
  server.env = {"POSTGRES_DB=app"};
  server.image = "postgres:16";
  server.mounts = {mount("pg", "/var/lib/postgresql/data")};
  db = engine.add_container(server);
  auto site = service("web", "db:service_started:false");
  site.mounts = {mount("files", "/files")};
  web = engine.add_container(site);
  engine.clear_log();
}

Setting Shop::setting(dockerapi::Engine& through) {
  AgentImage agent;
  agent.image = "sha256:agent";
  agent.instance = "test";
  StoreMount mounted;
  mounted.mount.kind = dockerapi::MountSpec::Kind::Bind;
  mounted.mount.source = store_path();
  mounted.mount.target = mounted.root;
  mounted.mount.read_only = false;
  const auto read_dump = [](const DatabaseRecord&, const std::filesystem::path&) {
    return std::vector<Finding>{};
  };
  return {through, *store, *journal, clock, driver_, report, agent, mounted, read_dump};
}

Manifest Shop::capture(dockerapi::Engine& through, const std::string& name, std::stop_token stop) {
  const auto seen = compose::observe(through);
  const auto stack = compose::read_stack(seen, "shop", std::nullopt);
  PlanRequest request;
  for (const auto& member : stack.services) {
    if (auto found = detect_database(member.replicas.front(), {})) {
      request.detections[member.name] = *found;
    }
  }
  const auto plan = plan_capture(stack, read_policy(stack, config), request);
  auto all = setting(through);
  CaptureRequest words;
  words.name = name;
  return controller::capture(all, stack, plan, words, stop);
}

bool Shop::all_running() {
  return engine.inspect(web).state == dockerapi::ContainerState::Running &&
         engine.inspect(db).state == dockerapi::ContainerState::Running;
}

std::vector<std::string> Shop::agents_left() {
  std::vector<std::string> names;
  for (const auto& container : engine.containers({{{"cofferdam.role", "helper"}}, ""})) {
    names.push_back(container.name);
  }
  return names;
}
