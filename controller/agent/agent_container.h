// The controller's side of an agent: a container of our own image, run for one job.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dockerapi/engine.h"

namespace controller {

/// What every agent container of this process is made from.
struct AgentImage {
  std::string image;                                    // id of our own image
  std::string instance;                                 // who we are: label cofferdam.instance
  std::vector<std::string> security_options;            // of our own container, passed on
  std::int64_t memory_bytes = std::int64_t{512} << 20;  // limit; what is written to a tmpfs counts
};

struct AgentSpec {
  std::string job;   // label cofferdam.job
  std::string role;  // "capture", "restore", "postgres": the argument after `agent`
  std::vector<dockerapi::MountSpec> mounts;
  std::vector<std::string> capabilities;  // everything else is dropped
  std::string network_mode = "none";
};

/// A running agent.  Destroying it kills and removes the container.
///
/// One thread reads lines while another may send; cancel() may come from any thread.
class AgentContainer {
 public:
  /// Creates, attaches and starts.  Throws dockerapi::Error; then no container is left.
  AgentContainer(dockerapi::Engine& engine, const AgentImage& image, const AgentSpec& spec);
  AgentContainer(const AgentContainer&) = delete;
  AgentContainer& operator=(const AgentContainer&) = delete;
  ~AgentContainer();

  void send(std::string_view line);

  /// The next line of the agent's stdout, without its newline; absent at its end.
  std::optional<std::string> receive();

  /// What the agent wrote to stderr, the last 16 KiB.
  [[nodiscard]] std::string complaints() const;

  /// Closes stdin, waits for the end and removes the container.  Returns the exit code, 137 also
  /// for one killed for want of memory.  Nothing can be sent or received any more.
  int finish();

  /// Makes a running receive() throw dockerapi::Cancelled.
  void cancel() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
