// An engine whose one database container is the local PostgreSQL server: agents run on threads of
// the test, execs are local programs.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "controller/agent/agent_container.h"
#include "controller/database/database_driver.h"
#include "tests/controller/database/local_postgres.h"
#include "tests/fakes/fake_engine.h"

class LocalDocker {
 public:
  /// `exec` runs the commands of the container.
  LocalDocker(const PostgresAccess& server, fakes::Program exec);

  [[nodiscard]] dockerapi::Engine& engine() { return engine_; }
  [[nodiscard]] controller::AgentImage image() const { return {"cofferdam-image", "test", {}}; }

  /// The container as its environment describes it; POSTGRES_USER is boss.
  [[nodiscard]] controller::DatabaseTarget target() const { return {engine_container(), "db", {}}; }

  /// Adds to or overrides the container's environment; before target().
  void set_environment(const std::string& name, const std::string& value);

  /// Replaces the program of an exec'd command from now on.
  void replace(const std::string& program, fakes::Program stand_in) {
    engine_.on_exec(program, std::move(stand_in));
  }

  /// Agents that are started from now on end at once.
  void refuse_agents();

  /// While false the engine does not answer.
  void set_reachable(bool reachable) { engine_.set_reachable(reachable); }

  /// How many agents were started so far.
  [[nodiscard]] int agents() const { return agents_; }

  /// argv and environment of every exec so far.
  [[nodiscard]] const std::vector<std::string>& seen() const { return seen_; }

 private:
  [[nodiscard]] dockerapi::Container engine_container() const { return container_; }

  dockerapi::Container container_;
  std::mutex mutex_;  // execs may run at the same time
  std::vector<std::string> seen_;
  std::atomic<int> agents_ = 0;
  fakes::FakeEngine engine_;
};

/// Runs the exec's command as a local program.
int run_locally(fakes::Process& process);

/// As above; its stdout goes to `output` instead.
int run_child_of(fakes::Process& process, std::string& output);
