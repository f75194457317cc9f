// The state behind a FakeEngine, and what happens in it.  Only fake_engine.cc uses it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "dockerapi/engine.h"
#include "tests/fakes/scripted_process.h"

namespace fakes {

/// One process, from its start to its end.
struct Run {
  std::shared_ptr<Pipes> pipes;
  std::optional<int> exit_code;  // absent while it runs
  bool expected_to_end = false;  // somebody is stopping it: no restart policy applies
  std::thread thread;            // of a scripted one
};

struct ContainerEntry {
  dockerapi::Container container;
  bool open_stdin = false;
  bool stopped_by_hand = false;  // what unless-stopped asks for
  int stop_exit_code = 137;
  std::map<std::string, dockerapi::PathStat> paths;
  std::shared_ptr<Pipes> waiting_pipes;  // attached to before the start
  std::shared_ptr<Run> run;              // while alive
};

struct ExecEntry {
  std::string container;
  std::shared_ptr<Run> run;
};

struct Subscription {
  dockerapi::EventFilter filter;
  std::deque<dockerapi::Event> pending;
  bool ended = false;
};

struct StartScript {
  std::string which;
  Program program;
};

struct ExecScript {
  std::function<bool(const dockerapi::Container&, const std::vector<std::string>&)> matches;
  Program program;
};

/// Every member function is called with `mutex` held; those that take the lock let go of it while
/// they wait for a process.
struct World {
  using Lock = std::unique_lock<std::mutex>;
  using Entry = std::shared_ptr<ContainerEntry>;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Entry> containers;  // oldest first
  std::map<std::string, ExecEntry> execs;
  std::map<std::string, dockerapi::Volume> volumes;
  std::map<std::string, dockerapi::Network> networks;  // by name
  std::vector<dockerapi::Image> images;
  std::map<std::string, dockerapi::Health> health;  // by image: what its check will say
  std::vector<dockerapi::Event> history;
  std::vector<std::shared_ptr<Subscription>> subscriptions;
  std::vector<StartScript> start_scripts;
  std::vector<ExecScript> exec_scripts;
  std::multiset<std::string> refused;
  std::multiset<std::string> lost;
  std::vector<std::shared_ptr<Run>>
      runs;  // all there ever were: their threads are joined at the end
  std::vector<std::string> log;
  bool reachable = true;
  std::int64_t now_s = 1'700'000'000;
  std::uint64_t ids = 0;

  /// A call reached the engine.  Throws Unreachable, or Error if the test wants it refused.
  void arrive();
  void arrive(const std::string& line);

  /// Its answer goes out.  Throws Unreachable if the test wants it lost.
  void answer(const std::string& line);

  Entry find(const dockerapi::ContainerId& id);

  /// A call about one container arrived; its log line is "<verb> <name>[ <rest>]".
  Entry find_and_log(const std::string& verb, const dockerapi::ContainerId& id,
                     const std::string& rest = "");
  std::string new_id();
  std::string time_text() const;

  void emit(const std::string& kind, const std::string& action, const std::string& id,
            const std::map<std::string, std::string>& attributes);
  void emit(const ContainerEntry& entry, const std::string& action);
  void replay(Subscription& subscription, std::int64_t since_ns) const;
  void end_subscriptions();

  /// Throws what the engine answers when the namespace's owner does not run.
  void launch(const Entry& entry);
  std::shared_ptr<Run> spawn(const Program& program, Process process, std::shared_ptr<Pipes> pipes,
                             std::function<void(int)> when_ended);

  /// Ends the container's process and its execs, waits for them, and marks it exited.
  void bring_down(Lock& lock, const Entry& entry, int exit_code);
  void process_died(const Entry& entry, int exit_code);
  void mark_exited(ContainerEntry& entry, int exit_code);
  void forget(Lock& lock, const Entry& entry);
  void await(Lock& lock, const std::shared_ptr<Run>& run);
  void end_execs(Lock& lock, const std::string& container);

  dockerapi::Volume& ensure_volume(const dockerapi::VolumeSpec& spec);
  dockerapi::Network& ensure_network(const dockerapi::NetworkSpec& spec);
  dockerapi::Mount mount_from(const dockerapi::MountSpec& spec);
  const dockerapi::Image* find_image(const std::string& reference) const;
};

/// True if the policy brings a container back that exited with `exit_code`.
bool comes_back(const dockerapi::RestartPolicy& policy, int exit_code, int restart_count,
                bool stopped_by_hand);

/// True if `labels` has all of `wanted`; an empty wanted value matches any.
bool carries(const dockerapi::Labels& labels, const dockerapi::Labels& wanted);

}  // namespace fakes
