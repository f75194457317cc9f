#include "controller/agent/agent_container.h"

#include <atomic>
#include <mutex>
#include <utility>

namespace controller {

namespace {

constexpr std::int64_t kPidsLimit = 64;
constexpr int kOomScoreAdjustment = 500;  // we go before any database does
constexpr std::size_t kComplaintLimit = 16 * 1024;
// A line is a message or, at its longest, the inventory of a database with many thousand tables.
constexpr std::size_t kLineLimit = std::size_t{256} << 20;

dockerapi::ContainerSpec container_spec(const AgentImage& image, const AgentSpec& spec) {
  static std::atomic<int> counter{0};
  dockerapi::ContainerSpec container;
  container.name = "cofferdam-" + spec.role + "-" + spec.job + "-" + std::to_string(++counter);
  container.image = image.image;
  container.entrypoint = {"/cofferdam"};
  container.command = {"agent", spec.role};
  container.user = "0:0";
  container.labels = {{"cofferdam.role", "helper"},
                      {"cofferdam.instance", image.instance},
                      {"cofferdam.job", spec.job}};
  container.mounts = spec.mounts;
  container.network_mode = spec.network_mode;
  container.read_only_root = true;
  container.open_stdin = true;
  container.discard_logs = true;
  container.no_health_check = true;
  container.drop_capabilities = {"ALL"};
  container.add_capabilities = spec.capabilities;
  container.security_options = image.security_options;
  container.security_options.emplace_back("no-new-privileges");
  container.memory_bytes = image.memory_bytes;
  container.pids_limit = kPidsLimit;
  container.oom_score_adjustment = kOomScoreAdjustment;
  container.stop_timeout = std::chrono::seconds(5);
  return container;
}

}  // namespace

struct AgentContainer::State {
  State(dockerapi::Engine& used, std::string agent_role)
      : engine(used), role(std::move(agent_role)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    stream.reset();
    if (!id.value.empty()) {
      try {
        engine.remove(id);
      } catch (const dockerapi::Error&) {
        // Left for the reaper, which finds it by its labels.
      }
    }
  }

  /// Reads more of the agent's output; false at its end.
  bool fill() {
    const auto chunk = stream->read();
    if (!chunk) {
      return false;
    }
    if (chunk->channel == dockerapi::Channel::Stdout) {
      pending.append(chunk->bytes);
      return true;
    }
    const std::scoped_lock lock(mutex);
    complaints.append(chunk->bytes);
    if (complaints.size() > kComplaintLimit) {
      complaints.erase(0, complaints.size() - kComplaintLimit);
    }
    return true;
  }

  dockerapi::Engine& engine;
  std::string role;
  dockerapi::ContainerId id;
  std::unique_ptr<dockerapi::Stream> stream;
  std::string pending;
  std::size_t scanned = 0;  // of pending, known to hold no newline
  mutable std::mutex mutex;
  std::string complaints;
};

AgentContainer::AgentContainer(dockerapi::Engine& engine, const AgentImage& image,
                               const AgentSpec& spec)
    : state_(std::make_unique<State>(engine, spec.role)) {
  state_->id = engine.create(container_spec(image, spec));
  // Before the start: without a log there is no replay of what was said earlier.
  state_->stream = engine.attach(state_->id, true);
  engine.start(state_->id);
}

AgentContainer::~AgentContainer() = default;

void AgentContainer::send(std::string_view line) {
  std::string bytes(line);
  bytes += '\n';
  state_->stream->write(bytes);
}

std::optional<std::string> AgentContainer::receive() {
  std::string& pending = state_->pending;
  while (true) {
    const auto end = pending.find('\n', state_->scanned);
    if (end != std::string::npos) {
      std::string line = pending.substr(0, end);
      pending.erase(0, end + 1);
      state_->scanned = 0;
      return line;
    }
    state_->scanned = pending.size();
    if (pending.size() > kLineLimit) {
      throw dockerapi::Error("the " + state_->role + " agent sent a line without an end");
    }
    if (!state_->fill()) {
      return std::nullopt;  // half a line is none
    }
  }
}

std::string AgentContainer::complaints() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->complaints;
}

int AgentContainer::finish() {
  state_->stream->close_stdin();
  while (state_->fill()) {
  }
  int code = state_->engine.wait(state_->id);
  if (state_->engine.inspect(state_->id).oom_killed) {
    // A killed child leaves exit code 0 behind.
    code = 137;
  }
  state_->stream.reset();
  state_->engine.remove(state_->id);
  state_->id.value.clear();
  return code;
}

void AgentContainer::cancel() noexcept {
  state_->stream->cancel();
}

}  // namespace controller
