// An engine whose N-th call goes wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dockerapi/engine.h"

namespace fakes {

/// Before: the call never reached the engine.  After: it took effect, but its answer was lost.
enum class When { Before, After };

/// Passes every call on to another engine, counts them, and makes the chosen one throw
/// Unreachable.  A loop over n = 1 … calls() of a run without faults reaches every call there is:
///
///   for (int n = 1; n <= calls_of_a_good_run; ++n) for (When when : {Before, After}) …
///
/// Calls may come from several threads.  Streams and subscriptions are those of the engine behind.
class FaultyEngine : public dockerapi::Engine {
 public:
  explicit FaultyEngine(dockerapi::Engine& behind) : behind_(behind) {}

  /// The n-th call from the start (1 is the first) throws, the ones after it work again.
  void fail_at(int n, When when);

  /// From the n-th call on nothing reaches the engine any more.
  void fail_from(int n);

  /// Runs `happening` just before the n-th call: a container vanishes, a process dies, …  What it
  /// throws comes out of the call.
  void happen_at(int n, std::function<void()> happening);

  /// No more faults; counting goes on.
  void heal();

  /// Calls so far, failed ones included.
  [[nodiscard]] int calls() const;

  /// What the n-th call was: "stop", "inspect", …  To say which one broke an invariant.
  [[nodiscard]] std::string call(int n) const;

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
  template <typename Call>
  auto pass(const std::string& name, const Call& call);
  std::optional<When> count(const std::string& name);

  dockerapi::Engine& behind_;
  mutable std::mutex mutex_;
  std::vector<std::string> names_;
  int fail_at_ = 0;
  When when_ = When::Before;
  int fail_from_ = 0;
  int happen_at_ = 0;
  std::function<void()> happening_;
};

}  // namespace fakes
