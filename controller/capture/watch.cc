#include "controller/capture/watch.h"

namespace controller {

namespace {

bool is_ours(const dockerapi::Container& container) {
  return container.labels.contains("cofferdam.role");
}

/// The captured volume that the container may write to; empty if none.
std::string written_volume(const dockerapi::Container& container,
                           const std::map<std::string, std::string>& volumes) {
  for (const auto& mount : container.mounts) {
    const auto found = volumes.find(mount.name.empty() ? mount.source : mount.name);
    if (mount.writable && found != volumes.end()) {
      return found->second;
    }
  }
  return {};
}

}  // namespace

Watch::Watch(dockerapi::Engine& engine, const CapturePlan& plan)
    : engine_(engine), project_(plan.project) {
  for (const auto& volume : plan.volumes) {
    if (volume.mode != Mode::Live) {
      volumes_[volume.name] = volume.key;
    }
  }
  for (const auto& stop : plan.stops) {
    planned_[stop.container.value] = stop.action;
  }
  if (volumes_.empty()) {
    return;
  }
  stream_ = engine_.events({{"container"}, {"start", "restart", "unpause"}, {}}, 0);
  listener_ = std::thread([this] { listen(); });
}

void Watch::listen() {
  try {
    while (auto event = stream_->next()) {
      Started started{std::move(*event), std::nullopt};
      try {
        // At once: a short one-off is soon gone, and with it the knowledge of what it mounted.
        started.container = engine_.inspect({started.event.id});
      } catch (const dockerapi::NotFound&) {
        started.container.reset();
      }
      seen_.push_back(std::move(started));
    }
  } catch (const dockerapi::Error&) {
    // The engine went away; who was started by its return is seen by StartedAt.
  }
}

Watch::~Watch() {
  if (listener_.joinable()) {
    stream_->cancel();
    listener_.join();
  }
}

std::vector<std::string> Watch::end() {
  std::vector<std::string> found;
  if (!listener_.joinable()) {
    return found;
  }
  stream_->cancel();
  listener_.join();
  for (const auto& started : seen_) {
    judge(started, found);
  }
  look_for_writers(found);
  return found;
}

void Watch::judge(const Started& started, std::vector<std::string>& found) const {
  const auto& labels = started.event.attributes;  // a container's labels are among them
  if (labels.contains("cofferdam.role")) {
    return;
  }
  const auto name = labels.find("name");
  const std::string shown = name == labels.end() ? started.event.id : name->second;
  if (const auto planned = planned_.find(started.event.id); planned != planned_.end()) {
    // The engine unpauses a paused container to stop it.
    if (started.event.action == "unpause" && planned->second == PlannedStop::Action::Stop) {
      return;
    }
    found.push_back("container " + shown + " was started while it was meant to be down");
    return;
  }
  if (started.container) {
    const auto volume = written_volume(*started.container, volumes_);
    if (!volume.empty()) {
      found.push_back("container " + shown + ", which writes volume " + volume +
                      ", was started during the copy");
    }
    return;
  }
  const auto project = labels.find("com.docker.compose.project");
  if (project != labels.end() && project->second == project_) {
    found.push_back("container " + shown +
                    " of this project came and went during the copy; nobody knows what it wrote");
  }
}

void Watch::look_for_writers(std::vector<std::string>& found) {
  for (const auto& [name, key] : volumes_) {
    for (const auto& user : engine_.containers({{}, name})) {
      if (user.state == dockerapi::ContainerState::Running && !is_ours(user) &&
          !planned_.contains(user.id.value) && !written_volume(user, {{name, key}}).empty()) {
        found.push_back("container " + user.name + " writes volume " + key +
                        " and was not stopped");
      }
    }
  }
}

}  // namespace controller
