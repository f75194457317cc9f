#include "tests/fakes/faulty_engine.h"

#include <type_traits>
#include <utility>

namespace fakes {

void FaultyEngine::fail_at(int n, When when) {
  const std::lock_guard lock(mutex_);
  fail_at_ = n;
  when_ = when;
}

void FaultyEngine::fail_from(int n) {
  const std::lock_guard lock(mutex_);
  fail_from_ = n;
}

void FaultyEngine::happen_at(int n, std::function<void()> happening) {
  const std::lock_guard lock(mutex_);
  happen_at_ = n;
  happening_ = std::move(happening);
}

void FaultyEngine::heal() {
  const std::lock_guard lock(mutex_);
  fail_at_ = 0;
  fail_from_ = 0;
  happen_at_ = 0;
}

int FaultyEngine::calls() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(names_.size());
}

std::string FaultyEngine::call(int n) const {
  const std::lock_guard lock(mutex_);
  return names_.at(static_cast<std::size_t>(n - 1));
}

std::optional<When> FaultyEngine::count(const std::string& name) {
  std::unique_lock lock(mutex_);
  names_.push_back(name);
  const int number = static_cast<int>(names_.size());
  std::optional<When> fault;
  if (number == fail_at_) {
    fault = when_;
  }
  if (fail_from_ > 0 && number >= fail_from_) {
    fault = When::Before;
  }
  const auto happening = number == happen_at_ ? happening_ : nullptr;
  lock.unlock();
  if (happening) {
    happening();
  }
  return fault;
}

template <typename Call>
auto FaultyEngine::pass(const std::string& name, const Call& call) {
  const auto fault = count(name);
  if (fault == When::Before) {
    throw dockerapi::Unreachable("call '" + name + "' did not reach the engine: the test wants it");
  }
  const auto lose = [&] {
    if (fault == When::After) {
      throw dockerapi::Unreachable("the answer to '" + name + "' was lost: the test wants it");
    }
  };
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    lose();
  } else {
    auto answer = call();
    lose();
    return answer;
  }
}

dockerapi::EngineVersion FaultyEngine::version() {
  return pass("version", [&] { return behind_.version(); });
}

std::vector<dockerapi::Container> FaultyEngine::containers(
    const dockerapi::ContainerFilter& filter) {
  return pass("containers", [&] { return behind_.containers(filter); });
}

dockerapi::Container FaultyEngine::inspect(const dockerapi::ContainerId& id) {
  return pass("inspect", [&] { return behind_.inspect(id); });
}

dockerapi::ContainerId FaultyEngine::create(const dockerapi::ContainerSpec& spec) {
  return pass("create", [&] { return behind_.create(spec); });
}

void FaultyEngine::start(const dockerapi::ContainerId& id) {
  pass("start", [&] { behind_.start(id); });
}

void FaultyEngine::stop(const dockerapi::ContainerId& id,
                        std::optional<std::chrono::seconds> grace) {
  pass("stop", [&] { behind_.stop(id, grace); });
}

void FaultyEngine::pause(const dockerapi::ContainerId& id) {
  pass("pause", [&] { behind_.pause(id); });
}

void FaultyEngine::unpause(const dockerapi::ContainerId& id) {
  pass("unpause", [&] { behind_.unpause(id); });
}

void FaultyEngine::kill(const dockerapi::ContainerId& id) {
  pass("kill", [&] { behind_.kill(id); });
}

int FaultyEngine::wait(const dockerapi::ContainerId& id) {
  return pass("wait", [&] { return behind_.wait(id); });
}

void FaultyEngine::remove(const dockerapi::ContainerId& id) {
  pass("remove", [&] { behind_.remove(id); });
}

void FaultyEngine::set_restart_policy(const dockerapi::ContainerId& id,
                                      const dockerapi::RestartPolicy& policy) {
  pass("set_restart_policy", [&] { behind_.set_restart_policy(id, policy); });
}

std::unique_ptr<dockerapi::Stream> FaultyEngine::attach(const dockerapi::ContainerId& id,
                                                        bool with_stdin) {
  return pass("attach", [&] { return behind_.attach(id, with_stdin); });
}

dockerapi::Exec FaultyEngine::exec(const dockerapi::ContainerId& id,
                                   const dockerapi::ExecSpec& spec) {
  return pass("exec", [&] { return behind_.exec(id, spec); });
}

dockerapi::ExecState FaultyEngine::inspect_exec(const std::string& exec_id) {
  return pass("inspect_exec", [&] { return behind_.inspect_exec(exec_id); });
}

std::optional<dockerapi::PathStat> FaultyEngine::stat_path(const dockerapi::ContainerId& id,
                                                           const std::string& path) {
  return pass("stat_path", [&] { return behind_.stat_path(id, path); });
}

std::vector<dockerapi::Volume> FaultyEngine::volumes(const dockerapi::Labels& labels) {
  return pass("volumes", [&] { return behind_.volumes(labels); });
}

dockerapi::Volume FaultyEngine::inspect_volume(const std::string& name) {
  return pass("inspect_volume", [&] { return behind_.inspect_volume(name); });
}

dockerapi::Volume FaultyEngine::create_volume(const dockerapi::VolumeSpec& spec) {
  return pass("create_volume", [&] { return behind_.create_volume(spec); });
}

void FaultyEngine::remove_volume(const std::string& name) {
  pass("remove_volume", [&] { behind_.remove_volume(name); });
}

std::vector<dockerapi::Network> FaultyEngine::networks(const dockerapi::Labels& labels) {
  return pass("networks", [&] { return behind_.networks(labels); });
}

dockerapi::Network FaultyEngine::create_network(const dockerapi::NetworkSpec& spec) {
  return pass("create_network", [&] { return behind_.create_network(spec); });
}

void FaultyEngine::remove_network(const std::string& name_or_id) {
  pass("remove_network", [&] { behind_.remove_network(name_or_id); });
}

dockerapi::Image FaultyEngine::inspect_image(const std::string& reference) {
  return pass("inspect_image", [&] { return behind_.inspect_image(reference); });
}

std::string FaultyEngine::import_image(const std::function<std::string_view()>& next,
                                       const std::string& repository, const std::string& tag,
                                       const std::vector<std::string>& changes) {
  return pass("import_image", [&] { return behind_.import_image(next, repository, tag, changes); });
}

std::unique_ptr<dockerapi::EventStream> FaultyEngine::events(const dockerapi::EventFilter& filter,
                                                             std::int64_t since_ns) {
  return pass("events", [&] { return behind_.events(filter, since_ns); });
}

}  // namespace fakes
