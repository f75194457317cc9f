// A pair of eyes on the engine while containers are meant to be down.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/plan/capture_plan.h"
#include "dockerapi/engine.h"

namespace controller {

/// Listens for containers that start while volumes are copied: `compose up`, watchtower, a one-off
/// with the same volume.  Looking at the containers afterwards would miss one that came and went.
class Watch {
 public:
  Watch(dockerapi::Engine& engine, const CapturePlan& plan);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  /// Stops listening.  Which containers that write a captured volume started meanwhile, or write
  /// one now though they were not stopped; each as a sentence.
  [[nodiscard]] std::vector<std::string> end();

 private:
  /// A container that started; absent if it was gone before we could look.
  struct Started {
    dockerapi::Event event;
    std::optional<dockerapi::Container> container;
  };

  void listen();
  void judge(const Started& started, std::vector<std::string>& found) const;
  void look_for_writers(std::vector<std::string>& found);

  dockerapi::Engine& engine_;
  std::map<std::string, std::string> volumes_;          // still volumes: host name or path -> key
  std::map<std::string, PlannedStop::Action> planned_;  // by id: what is down by plan
  std::string project_;
  std::unique_ptr<dockerapi::EventStream> stream_;
  std::vector<Started> seen_;
  std::thread listener_;
};

}  // namespace controller
