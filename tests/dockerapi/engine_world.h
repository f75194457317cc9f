// The engines that the contract suite runs on: the one in memory, and a real one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dockerapi/engine.h"
#include "tests/dockerapi/tiny_image.h"

namespace dockerapi_test {

/// DOCKER_HOST of the real engine to test on; absent: only the fake is tested.
std::optional<std::string> real_engine();

/// An engine on which containers of kTinyImage run busybox's words.  What a test made is removed
/// at its end.
class EngineWorld {
 public:
  /// `kind` is "fake" or "http".
  explicit EngineWorld(const std::string& kind);
  EngineWorld(const EngineWorld&) = delete;
  EngineWorld& operator=(const EngineWorld&) = delete;
  ~EngineWorld();

  dockerapi::Engine& engine() { return *engine_; }

  /// A name nobody else has.
  std::string name(const std::string& stem);

  /// A spec that runs `command` by busybox, without network, named and labelled as this test's.
  dockerapi::ContainerSpec spec(const std::string& stem, const std::vector<std::string>& command);

  dockerapi::ContainerId created(const dockerapi::ContainerSpec& spec);
  dockerapi::ContainerId started(const dockerapi::ContainerSpec& spec);
  dockerapi::Volume volume(const std::string& stem);

  /// Labelled as this test's.
  dockerapi::Network network(const std::string& stem);

  /// Removed at the end.
  void own_network(const std::string& id) { networks_.push_back(id); }
  void own_volume(const std::string& name) { volumes_.push_back(name); }
  void own_container(const dockerapi::ContainerId& id) { containers_.push_back(id); }

  /// Label that all containers of this test carry.
  [[nodiscard]] dockerapi::Labels label() const { return {{"cofferdam-test", tag_}}; }

 private:
  std::unique_ptr<dockerapi::Engine> engine_;
  std::string tag_;
  std::vector<dockerapi::ContainerId> containers_;
  std::vector<std::string> volumes_;
  std::vector<std::string> networks_;  // ids
};

/// Everything a stream still delivers, by channel.
struct Output {
  std::string standard_output;
  std::string standard_error;
};
Output drain(dockerapi::Stream& stream);

}  // namespace dockerapi_test
