#include "dockerapi/http_engine.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "dockerapi/base64.h"
#include "dockerapi/engine_json.h"
#include "dockerapi/hijack.h"
#include "dockerapi/http_event_stream.h"
#include "dockerapi/http_message.h"
#include "dockerapi/image_upload.h"
#include "dockerapi/plain_calls.h"

namespace dockerapi {

namespace {

constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

// A dead volume plugin makes the engine think for 15 s per question about volumes.
constexpr std::chrono::seconds kVolumeLimit{60};

/// One call's words for an error, and where it goes.
struct Call {
  std::string what;  // "stop shop-db-1"
  PlainRequest request;
};

std::string query(const std::string& name, const std::string& value) {
  return name + "=" + url_encoded(value);
}

std::string timestamp(std::int64_t nanoseconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%lld.%09lld",
                static_cast<long long>(nanoseconds / kSecond),
                static_cast<long long>(nanoseconds % kSecond));
  return text.data();
}

class HttpEngine : public Engine {
 public:
  explicit HttpEngine(const Endpoint& endpoint) : endpoint_(endpoint), calls_(endpoint) {}

  EngineVersion version() override;
  std::vector<Container> containers(const ContainerFilter& filter) override;
  Container inspect(const ContainerId& id) override;
  ContainerId create(const ContainerSpec& spec) override;
  void start(const ContainerId& id) override;
  void stop(const ContainerId& id, std::optional<std::chrono::seconds> grace) override;
  void pause(const ContainerId& id) override;
  void unpause(const ContainerId& id) override;
  void kill(const ContainerId& id) override;
  int wait(const ContainerId& id) override;
  void remove(const ContainerId& id) override;
  void set_restart_policy(const ContainerId& id, const RestartPolicy& policy) override;
  std::unique_ptr<Stream> attach(const ContainerId& id, bool with_stdin) override;
  Exec exec(const ContainerId& id, const ExecSpec& spec) override;
  ExecState inspect_exec(const std::string& exec_id) override;
  std::optional<PathStat> stat_path(const ContainerId& id, const std::string& path) override;
  std::vector<Volume> volumes(const Labels& labels) override;
  Volume inspect_volume(const std::string& name) override;
  Volume create_volume(const VolumeSpec& spec) override;
  void remove_volume(const std::string& name) override;
  std::vector<Network> networks(const Labels& labels) override;
  Network create_network(const NetworkSpec& spec) override;
  void remove_network(const std::string& name_or_id) override;
  Image inspect_image(const std::string& reference) override;
  std::string import_image(const std::function<std::string_view()>& next,
                           const std::string& repository, const std::string& tag,
                           const std::vector<std::string>& changes) override;
  std::unique_ptr<EventStream> events(const EventFilter& filter, std::int64_t since_ns) override;

 private:
  /// "/v1.45", agreed on when first needed.
  std::string prefix();

  /// Sends below the prefix; throws what refusal() makes of any status but 2xx and 304.
  PlainAnswer ask(Call call);

  /// As ask(), but the refusal is no error if `is_fine` says so of the container's state.
  void ask_unless(Call call, const ContainerId& id,
                  const std::function<bool(const Container&)>& is_fine);

  static std::string path(const ContainerId& id, const std::string& rest) {
    return "/containers/" + url_encoded(id.value) + rest;
  }

  /// The name under which we met the container, else what was asked for.
  std::string name_of(const ContainerId& id);
  void remember(const Container& container);

  Endpoint endpoint_;
  PlainCalls calls_;
  std::mutex mutex_;  // of what follows
  std::string prefix_;
  std::map<std::string, std::string> names_;  // by id
};

std::string HttpEngine::prefix() {
  {
    const std::lock_guard lock(mutex_);
    if (!prefix_.empty()) {
      return prefix_;
    }
  }
  const auto answer = calls_.send({"GET", "/_ping", ""});
  if (answer.status != kOk) {
    refusal("talk to the engine at " + to_string(endpoint_), answer.status, answer.body);
  }
  const auto agreed = agreed_version(answer.api_version);
  const std::lock_guard lock(mutex_);
  prefix_ = "/v" + agreed;
  return prefix_;
}

PlainAnswer HttpEngine::ask(Call call) {
  call.request.target = prefix() + call.request.target;
  auto answer = calls_.send(call.request);
  const bool is_success = answer.status >= kOk && answer.status <= kNoContent;
  if (!is_success && answer.status != kNotModified) {
    refusal(call.what, answer.status, answer.body);
  }
  return answer;
}

void HttpEngine::ask_unless(Call call, const ContainerId& id,
                            const std::function<bool(const Container&)>& is_fine) {
  try {
    ask(std::move(call));
  } catch (const NotFound&) {
    throw;
  } catch (const Unreachable&) {
    throw;
  } catch (const Error&) {
    if (!is_fine(inspect(id))) {
      throw;
    }
  }
}

std::string HttpEngine::name_of(const ContainerId& id) {
  constexpr std::size_t kFull = 64;
  constexpr std::size_t kShort = 12;
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(id.value);
  if (found != names_.end()) {
    return found->second;
  }
  return id.value.size() == kFull ? id.value.substr(0, kShort) : id.value;
}

void HttpEngine::remember(const Container& container) {
  const std::lock_guard lock(mutex_);
  names_[container.id.value] = container.name;
}

EngineVersion HttpEngine::version() {
  const auto spoken = prefix();
  auto version = version_from_json(ask({"ask the engine's version", {"GET", "/version", ""}}).body);
  version.api = spoken.substr(2);
  return version;
}

std::vector<Container> HttpEngine::containers(const ContainerFilter& filter) {
  const auto answer =
      ask({"list containers",
           {"GET", "/containers/json?all=1&" + query("filters", filters_json(filter)), ""}});
  std::vector<Container> found;
  for (const auto& id : container_ids_from_json(answer.body)) {
    try {
      found.push_back(inspect(id));
    } catch (const NotFound&) {
      // Gone since the list was made.
    }
  }
  // The engine lists the newest first.
  std::reverse(found.begin(), found.end());
  return found;
}

Container HttpEngine::inspect(const ContainerId& id) {
  auto container =
      container_from_json(ask({"inspect " + name_of(id), {"GET", path(id, "/json"), ""}}).body);
  remember(container);
  return container;
}

ContainerId HttpEngine::create(const ContainerSpec& spec) {
  for (const auto& mount : spec.mounts) {
    if (mount.kind == MountSpec::Kind::Volume) {
      // The engine would silently make a missing one.
      inspect_volume(mount.source);
    }
  }
  const auto target = "/containers/create?" + query("name", spec.name);
  const ContainerId id{
      id_from_json(ask({"create " + spec.name, {"POST", target, to_json(spec)}}).body)};
  const std::lock_guard lock(mutex_);
  names_[id.value] = spec.name;
  return id;
}

void HttpEngine::start(const ContainerId& id) {
  ask({"start " + name_of(id), {"POST", path(id, "/start"), ""}});
}

void HttpEngine::stop(const ContainerId& id, std::optional<std::chrono::seconds> grace) {
  const auto limit = grace ? "?t=" + std::to_string(grace->count()) : std::string();
  ask({"stop " + name_of(id), {"POST", path(id, "/stop") + limit, "", std::nullopt}});
}

void HttpEngine::pause(const ContainerId& id) {
  ask_unless({"pause " + name_of(id), {"POST", path(id, "/pause"), ""}}, id,
             [](const Container& now) { return now.state == ContainerState::Paused; });
}

void HttpEngine::unpause(const ContainerId& id) {
  ask_unless({"unpause " + name_of(id), {"POST", path(id, "/unpause"), ""}}, id,
             [](const Container& now) { return now.state == ContainerState::Running; });
}

void HttpEngine::kill(const ContainerId& id) {
  ask_unless({"kill " + name_of(id), {"POST", path(id, "/kill"), ""}}, id,
             [](const Container& now) { return !alive(now); });
}

int HttpEngine::wait(const ContainerId& id) {
  // In slices, with a look in between: a proxy may cut a call that is silent for long, and the
  // engine forgets a wait when it restarts.
  constexpr std::chrono::seconds kSlice{60};
  for (;;) {
    try {
      const auto answer = ask({"wait for " + name_of(id), {"POST", path(id, "/wait"), "", kSlice}});
      return status_code_from_json(answer.body);
    } catch (const Unreachable&) {
      const auto now = inspect(id);
      if (!alive(now)) {
        return now.exit_code;
      }
    }
  }
}

void HttpEngine::remove(const ContainerId& id) {
  constexpr int kLooks = 600;
  constexpr std::chrono::milliseconds kPause{50};
  for (int look = 0;; ++look) {
    try {
      ask({"remove " + name_of(id), {"DELETE", path(id, "?force=1"), ""}});
      return;
    } catch (const NotFound&) {
      return;
    } catch (const Conflict&) {
      // Somebody else is removing it: it is gone soon.
      if (look == kLooks) {
        throw;
      }
      std::this_thread::sleep_for(kPause);
    }
  }
}

void HttpEngine::set_restart_policy(const ContainerId& id, const RestartPolicy& policy) {
  ask({"set the restart policy of " + name_of(id), {"POST", path(id, "/update"), to_json(policy)}});
}

std::unique_ptr<Stream> HttpEngine::attach(const ContainerId& id, bool with_stdin) {
  const auto target =
      prefix() + path(id, "/attach?stream=1&stdout=1&stderr=1") + (with_stdin ? "&stdin=1" : "");
  return hijack(endpoint_, target, "", "attach to " + name_of(id));
}

Exec HttpEngine::exec(const ContainerId& id, const ExecSpec& spec) {
  const auto what = "exec in " + name_of(id);
  const auto exec_id = id_from_json(ask({what, {"POST", path(id, "/exec"), to_json(spec)}}).body);
  return {exec_id, hijack(endpoint_, prefix() + "/exec/" + url_encoded(exec_id) + "/start",
                          R"({"Detach":false,"Tty":false})", what)};
}

ExecState HttpEngine::inspect_exec(const std::string& exec_id) {
  return exec_state_from_json(
      ask({"inspect an exec", {"GET", "/exec/" + url_encoded(exec_id) + "/json", ""}}).body);
}

std::optional<PathStat> HttpEngine::stat_path(const ContainerId& id, const std::string& where) {
  try {
    const auto answer = ask({"look at " + where + " in " + name_of(id),
                             {"HEAD", path(id, "/archive?" + query("path", where)), ""}});
    return path_stat_from_json(base64_decoded(answer.path_stat));
  } catch (const NotFound&) {
    return std::nullopt;
  }
}

std::vector<Volume> HttpEngine::volumes(const Labels& labels) {
  return volumes_from_json(
      ask({"list volumes",
           {"GET", "/volumes?" + query("filters", filters_json(labels)), "", kVolumeLimit}})
          .body);
}

Volume HttpEngine::inspect_volume(const std::string& name) {
  return volume_from_json(
      ask({"inspect volume " + name, {"GET", "/volumes/" + url_encoded(name), "", kVolumeLimit}})
          .body);
}

Volume HttpEngine::create_volume(const VolumeSpec& spec) {
  return volume_from_json(
      ask({"create volume " + spec.name, {"POST", "/volumes/create", to_json(spec), kVolumeLimit}})
          .body);
}

void HttpEngine::remove_volume(const std::string& name) {
  try {
    ask({"remove volume " + name, {"DELETE", "/volumes/" + url_encoded(name), "", kVolumeLimit}});
  } catch (const NotFound&) {
    // As it should be.
  }
}

std::vector<Network> HttpEngine::networks(const Labels& labels) {
  return networks_from_json(
      ask({"list networks", {"GET", "/networks?" + query("filters", filters_json(labels)), ""}})
          .body);
}

Network HttpEngine::create_network(const NetworkSpec& spec) {
  const auto id = id_from_json(
      ask({"create network " + spec.name, {"POST", "/networks/create", to_json(spec)}}).body);
  return network_from_json(
      ask({"inspect network " + spec.name, {"GET", "/networks/" + url_encoded(id), ""}}).body);
}

void HttpEngine::remove_network(const std::string& name_or_id) {
  constexpr int kForbidden = 403;
  try {
    ask({"remove network " + name_or_id, {"DELETE", "/networks/" + url_encoded(name_or_id), ""}});
  } catch (const NotFound&) {
    // As it should be.
  } catch (const Error& error) {
    if (error.status() == kForbidden) {
      throw Conflict(error.what());
    }
    throw;
  }
}

Image HttpEngine::inspect_image(const std::string& reference) {
  return image_from_json(ask({"inspect image " + reference,
                              {"GET", "/images/" + url_encoded(reference) + "/json", ""}})
                             .body);
}

std::string HttpEngine::import_image(const std::function<std::string_view()>& next,
                                     const std::string& repository, const std::string& tag,
                                     const std::vector<std::string>& changes) {
  auto target =
      prefix() + "/images/create?fromSrc=-&" + query("repo", repository) + "&" + query("tag", tag);
  for (const auto& change : changes) {
    target += "&" + query("changes", change);
  }
  return imported_id_from_json(upload(endpoint_, target, next));
}

std::unique_ptr<EventStream> HttpEngine::events(const EventFilter& filter, std::int64_t since_ns) {
  auto target = prefix() + "/events?" + query("filters", filters_json(filter));
  if (since_ns > 0) {
    target += "&" + query("since", timestamp(since_ns));
  }
  return open_event_stream(endpoint_, target);
}

}  // namespace

std::unique_ptr<Engine> connect(const Endpoint& endpoint) {
  std::signal(SIGPIPE, SIG_IGN);
  return std::make_unique<HttpEngine>(endpoint);
}

}  // namespace dockerapi
