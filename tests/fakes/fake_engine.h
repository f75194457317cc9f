// A Docker engine in memory, with real state and the real one's manners.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dockerapi/engine.h"
#include "tests/fakes/scripted_process.h"

namespace fakes {

using Log = std::vector<std::string>;

struct World;

/// Containers, volumes, images and events that live as long as this object.
///
/// Time is its own: every call advances it by a second, and nothing waits for a real clock.  The
/// destructor kills every scripted process and waits for it, so a Program must let Killed pass.
///
/// The contract suite (tests/dockerapi) runs against this and against a real engine.
class FakeEngine : public dockerapi::Engine {
 public:
  FakeEngine();
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;
  ~FakeEngine() override;

  // --- the world, as a test sets it up ---------------------------------------------------------

  /// Adds a container as it stands; what is empty (id, image_id, times) is filled in, and volumes
  /// that it mounts and networks that it names are added if missing.  A running one without a
  /// program just runs.
  dockerapi::ContainerId add_container(dockerapi::Container container);
  void add_volume(dockerapi::Volume volume);
  void add_network(const dockerapi::NetworkSpec& network);
  void add_image(dockerapi::Image image);

  /// Something that stat_path() finds in the container.
  void add_path(const dockerapi::ContainerId& id, const std::string& path, std::int64_t size);
  void add_directory(const dockerapi::ContainerId& id, const std::string& path);

  /// Containers started from now on whose image, image id or entrypoint's first word is `which`
  /// run `program`; others run, silent, until stopped.  The last registered wins.
  void on_start(const std::string& which, Program program);

  /// Execs whose argv `matches` run `program`.  The last registered wins; an exec that nothing
  /// matches "cannot be found": its error text is on stdout and its exit code 127.
  void on_exec(
      std::function<bool(const dockerapi::Container&, const std::vector<std::string>&)> matches,
      Program program);

  /// As above, for the command's first word, in any container.
  void on_exec(const std::string& word, Program program);

  void set_health(const dockerapi::ContainerId& id, dockerapi::Health health);

  /// What the health check of containers of `image` (or of that image id) says from their next
  /// start on; Starting unless set.
  void set_health_of(const std::string& image, dockerapi::Health health);

  /// Exit code of a container that is stopped; 137 unless set.
  void set_stop_exit_code(const dockerapi::ContainerId& id, int exit_code);

  // --- what may happen to it -------------------------------------------------------------------

  /// The container's process dies by itself; its restart policy decides what follows.
  void crash(const dockerapi::ContainerId& id, int exit_code);

  /// The engine goes down and comes back: containers die, those whose policy says so start again,
  /// every stream and subscription ends.
  void restart_engine();

  /// While false every call throws Unreachable, and streams and subscriptions break.
  void set_reachable(bool reachable);

  /// The next call whose log line is `line` is refused (500), without effect.
  void refuse(const std::string& line);

  /// The next call whose log line is `line` takes effect, but its answer is lost.
  void lose_answer(const std::string& line);

  // --- what it saw -----------------------------------------------------------------------------

  /// Calls that change something, in order, by container name: "create web", "start web", "stop
  /// web", "pause web", "unpause web", "kill web", "remove web", "attach web", "restart-policy web
  /// no", "exec web pg_dump -d x", "create-volume v", "remove-volume v", "create-network
  /// n", "remove-network n" (as named in the call), "import repo:tag".
  [[nodiscard]] Log log() const;
  void clear_log();

  // --- dockerapi::Engine -----------------------------------------------------------------------

  dockerapi::EngineVersion version() override;
  std::vector<dockerapi::Container> containers(const dockerapi::ContainerFilter& filter) override;
  dockerapi::Container inspect(const dockerapi::ContainerId& id) override;
  dockerapi::ContainerId create(const dockerapi::ContainerSpec& spec) override;
  void start(const dockerapi::ContainerId& id) override;
  void stop(const dockerapi::ContainerId& id, std::optional<std::chrono::seconds> grace) override;
  void pause(const dockerapi::ContainerId& id) override;
  void unpause(const dockerapi::ContainerId& id) override;
  void kill(const dockerapi::ContainerId& id) override;
  int wait(const dockerapi::ContainerId& id) override;
  void remove(const dockerapi::ContainerId& id) override;
  void set_restart_policy(const dockerapi::ContainerId& id,
                          const dockerapi::RestartPolicy& policy) override;
  std::unique_ptr<dockerapi::Stream> attach(const dockerapi::ContainerId& id,
                                            bool with_stdin) override;
  dockerapi::Exec exec(const dockerapi::ContainerId& id, const dockerapi::ExecSpec& spec) override;
  dockerapi::ExecState inspect_exec(const std::string& exec_id) override;
  std::optional<dockerapi::PathStat> stat_path(const dockerapi::ContainerId& id,
                                               const std::string& path) override;
  std::vector<dockerapi::Volume> volumes(const dockerapi::Labels& labels) override;
  dockerapi::Volume inspect_volume(const std::string& name) override;
  dockerapi::Volume create_volume(const dockerapi::VolumeSpec& spec) override;
  void remove_volume(const std::string& name) override;
  std::vector<dockerapi::Network> networks(const dockerapi::Labels& labels) override;
  dockerapi::Network create_network(const dockerapi::NetworkSpec& spec) override;
  void remove_network(const std::string& name_or_id) override;
  dockerapi::Image inspect_image(const std::string& reference) override;
  std::string import_image(const std::function<std::string_view()>& next,
                           const std::string& repository, const std::string& tag,
                           const std::vector<std::string>& changes) override;
  std::unique_ptr<dockerapi::EventStream> events(const dockerapi::EventFilter& filter,
                                                 std::int64_t since_ns) override;

 private:
  std::unique_ptr<World> world_;
};

}  // namespace fakes
