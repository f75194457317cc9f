// The part of the Docker Engine API that this product uses.
// Add a call here only when something above this folder needs it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dockerapi/container.h"
#include "dockerapi/error.h"
#include "dockerapi/event.h"
#include "dockerapi/network.h"
#include "dockerapi/stream.h"
#include "dockerapi/volume.h"

namespace dockerapi {

struct EngineVersion {
  std::string engine;        // "26.1.5"
  std::string api;           // the version spoken, e.g. "1.45"
  std::string os;            // "linux"
  std::string architecture;  // "amd64"
};

/// All conditions must hold; empty ones do not filter.
struct ContainerFilter {
  Labels labels;       // an empty value matches any value of that label
  std::string volume;  // name of a volume, or host path of a bind mount, that it mounts
};

struct ExecSpec {
  std::vector<std::string> command;  // argv: no shell
  std::vector<std::string> env;
  std::string user;
  std::string working_directory;
  bool attach_stdin = false;
};

struct ExecState {
  bool running = false;
  std::optional<int> exit_code;  // absent while running
  int pid = 0;                   // on the host
};

/// A started exec: its id for inspection, its stream for data.
struct Exec {
  std::string id;
  std::unique_ptr<Stream> stream;
};

/// What was at a container's path, as HEAD …/archive tells.
struct PathStat {
  enum class Kind { File, Directory, Other };

  std::string name;
  std::int64_t size = 0;
  Kind kind = Kind::File;
};

/// One Docker engine.
///
/// Every call blocks until the engine has answered.  A call that does not return has thrown
/// Error, and then the engine's state is what it was before, except after Unreachable, when it
/// is unknown.  Calls may come from several threads at once.
///
/// Abstract so that tests can stand in a FakeEngine; the real one is HttpEngine.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual EngineVersion version() = 0;

  /// Containers that match, running or not, oldest first, each inspected.  One that vanishes
  /// between list and inspect is left out.
  virtual std::vector<Container> containers(const ContainerFilter& filter) = 0;

  /// Throws NotFound.
  virtual Container inspect(const ContainerId& id) = 0;

  /// The container exists afterwards, not started.  Throws Conflict if the name is taken, NotFound
  /// if the image is not there (nothing is pulled).
  virtual ContainerId create(const ContainerSpec& spec) = 0;

  /// Starting a running container is not an error.
  virtual void start(const ContainerId& id) = 0;

  /// Asks the container to stop and kills it once `grace` has passed (absent: its own stop
  /// timeout). Stopping a stopped container is not an error.
  virtual void stop(const ContainerId& id, std::optional<std::chrono::seconds> grace) = 0;

  /// Pausing a paused and unpausing a running container are not errors.
  virtual void pause(const ContainerId& id) = 0;
  virtual void unpause(const ContainerId& id) = 0;

  /// Sends SIGKILL.  Killing a stopped container is not an error.
  virtual void kill(const ContainerId& id) = 0;

  /// Blocks until the container is not running, and returns its exit code.
  virtual int wait(const ContainerId& id) = 0;

  /// Removes the container even if it runs, and none of its volumes.  A missing one is not an
  /// error.
  virtual void remove(const ContainerId& id) = 0;

  virtual void set_restart_policy(const ContainerId& id, const RestartPolicy& policy) = 0;

  /// Attach before start: there is no replay.  `with_stdin` needs a container with open_stdin.
  virtual std::unique_ptr<Stream> attach(const ContainerId& id, bool with_stdin) = 0;

  /// Throws Conflict if the container is paused or not running.  A command that cannot be run
  /// still yields a stream: its error text comes on stdout, and its exit code is 126 or 127.
  virtual Exec exec(const ContainerId& id, const ExecSpec& spec) = 0;

  /// Throws NotFound if the container is gone: then nobody knows how the command ended.
  virtual ExecState inspect_exec(const std::string& exec_id) = 0;

  /// What lies at `path` in the container, running or not; absent if there is nothing, or no such
  /// container: the engine does not say which.
  virtual std::optional<PathStat> stat_path(const ContainerId& id, const std::string& path) = 0;

  virtual std::vector<Volume> volumes(const Labels& labels) = 0;

  /// Throws NotFound.
  virtual Volume inspect_volume(const std::string& name) = 0;

  /// Creates the volume.  If it exists already it is left alone and returned as it is: the engine
  /// ignores differing options, so compare.
  virtual Volume create_volume(const VolumeSpec& spec) = 0;

  /// Throws Conflict while a container, running or not, refers to it.  A missing one is not an
  /// error.
  virtual void remove_volume(const std::string& name) = 0;

  /// Networks that carry all of `labels`, by name.
  virtual std::vector<Network> networks(const Labels& labels) = 0;

  /// Throws Conflict if there is a network of that name; an engine older than 25 that is asked
  /// twice at the same moment may still make two, so remove by id.
  virtual Network create_network(const NetworkSpec& spec) = 0;

  /// By name or id.  Throws Conflict while a running container is connected to it, or if it is one
  /// of the engine's own.  A missing one is not an error.
  virtual void remove_network(const std::string& name_or_id) = 0;

  /// Throws NotFound.
  virtual Image inspect_image(const std::string& reference) = 0;

  /// Makes an image of the uncompressed tar that `next` delivers in pieces, an empty one at its
  /// end; returns its id.  `changes` are Dockerfile lines (ENTRYPOINT, LABEL, …).
  virtual std::string import_image(const std::function<std::string_view()>& next,
                                   const std::string& repository, const std::string& tag,
                                   const std::vector<std::string>& changes) = 0;

  /// Events from `since_ns` (0: from now) on.
  virtual std::unique_ptr<EventStream> events(const EventFilter& filter, std::int64_t since_ns) = 0;
};

}  // namespace dockerapi
