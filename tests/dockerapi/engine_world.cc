#include "tests/dockerapi/engine_world.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "dockerapi/http_engine.h"
#include "tests/fakes/fake_engine.h"

namespace dockerapi_test {

namespace {

/// The few words of busybox that the suite uses.
int fake_busybox(fakes::Process& process) {
  const auto& argv = process.command();
  if (argv.at(1) == "sleep") {
    process.run_until_killed();
  }
  if (argv.at(1) == "cat") {
    while (const auto line = process.read_line()) {
      process.write_stdout(*line + "\n");
    }
    return 0;
  }
  if (argv.at(1) == "true") {
    return 0;
  }
  const auto& script = argv.at(3);  // busybox sh -c script
  const std::string leave = "exit ";
  if (script.find("echo out") != std::string::npos) {
    process.write_stdout("out\n");
    process.write_stderr("err\n");
  }
  const auto at = script.find(leave);
  return at == std::string::npos ? 0 : std::stoi(script.substr(at + leave.size()));
}

std::unique_ptr<dockerapi::Engine> fake_engine() {
  auto fake = std::make_unique<fakes::FakeEngine>();
  fake->add_image({"", {kTinyImage}, {}, "", "", {{"tiny", "yes"}}});
  fake->on_start(kBusybox, fake_busybox);
  fake->on_exec(kBusybox, fake_busybox);
  return fake;
}

std::unique_ptr<dockerapi::Engine> http_engine() {
  auto engine = dockerapi::connect(
      dockerapi::endpoint_from([](const std::string& variable) -> std::optional<std::string> {
        return variable == "DOCKER_HOST" ? real_engine() : std::nullopt;
      }));
  ensure_tiny_image(*engine);
  return engine;
}

}  // namespace

std::optional<std::string> real_engine() {
  const char* host = std::getenv("COFFERDAM_TEST_ENGINE");
  return host == nullptr || *host == '\0' ? std::nullopt : std::optional<std::string>(host);
}

EngineWorld::EngineWorld(const std::string& kind)
    : engine_(kind == "fake" ? fake_engine() : http_engine()) {
  static std::atomic<int> count{0};
  tag_ = std::to_string(getpid()) + "-" + std::to_string(++count);
}

EngineWorld::~EngineWorld() {
  for (const auto& id : containers_) {
    engine_->remove(id);
  }
  for (const auto& name : volumes_) {
    engine_->remove_volume(name);
  }
  for (const auto& id : networks_) {
    engine_->remove_network(id);
  }
}

std::string EngineWorld::name(const std::string& stem) {
  return "ct-" + tag_ + "-" + stem;
}

dockerapi::ContainerSpec EngineWorld::spec(const std::string& stem,
                                           const std::vector<std::string>& command) {
  dockerapi::ContainerSpec spec;
  spec.name = name(stem);
  spec.image = kTinyImage;
  spec.entrypoint = {kBusybox};
  spec.command = command;
  spec.labels = label();
  spec.network_mode = "none";
  // busybox as process 1 has no handler for SIGTERM: nothing is gained by waiting.
  spec.stop_timeout = std::chrono::seconds(0);
  return spec;
}

dockerapi::ContainerId EngineWorld::created(const dockerapi::ContainerSpec& spec) {
  containers_.push_back(engine_->create(spec));
  return containers_.back();
}

dockerapi::ContainerId EngineWorld::started(const dockerapi::ContainerSpec& spec) {
  auto id = created(spec);
  engine_->start(id);
  return id;
}

dockerapi::Volume EngineWorld::volume(const std::string& stem) {
  own_volume(name(stem));
  return engine_->create_volume({name(stem), "local", label(), {}});
}

dockerapi::Network EngineWorld::network(const std::string& stem) {
  dockerapi::NetworkSpec spec;
  spec.name = name(stem);
  spec.labels = label();
  auto made = engine_->create_network(spec);
  networks_.push_back(made.id);
  return made;
}

Output drain(dockerapi::Stream& stream) {
  Output output;
  while (const auto chunk = stream.read()) {
    (chunk->channel == dockerapi::Channel::Stdout ? output.standard_output : output.standard_error)
        .append(chunk->bytes);
  }
  return output;
}

}  // namespace dockerapi_test
