#include "controller/restore/rollback.h"

#include <algorithm>
#include <exception>
#include <map>
#include <memory>

#include "controller/agent/conversation.h"
#include "controller/restore/volume_restore.h"

namespace controller {

namespace {

using Kind = KeptItem::Kind;

bool volume_exists(Setting& setting, const std::string& name) {
  try {
    setting.engine.inspect_volume(name);
    return true;
  } catch (const dockerapi::NotFound&) {
    return false;  // and what was kept beside its data went with it
  }
}

/// Trees of a restore agent that has nothing to do but to discard.
void drop_files(Setting& setting, const RollbackPoint& point) {
  AgentSpec spec{point.job, "restore", {}, restore_capabilities(), "none"};
  RestoreJob work{point.job, {}};
  std::vector<std::string> ids;
  for (const auto& item : point.items) {
    RestoreTree tree;
    tree.id = item.subject;
    const std::string target = "/.cofferdam/r/" + std::to_string(ids.size());
    if (item.kind == Kind::Volume && volume_exists(setting, item.subject)) {
      const auto place = swap_place(item.detail, item.place);
      spec.mounts.push_back(writable_mount(place.parent, target));
      tree.live = target + "/" + place.live;
      tree.staging = target + "/" + place.staging;
    } else if (item.kind == Kind::Archive) {
      tree.method = SwapMethod::InPlace;
      tree.previous = setting.store_mount.root + "/" + item.detail;
    } else {
      continue;
    }
    ids.push_back(tree.id);
    work.trees.push_back(std::move(tree));
  }
  if (ids.empty()) {
    return;
  }
  spec.mounts.push_back(setting.store_mount.mount);
  spec.mounts.back().read_only = false;
  Conversation agent(setting.engine, setting.agent, spec, to_line(work));
  agent.run({"discard", ids}, [](const Message&) {}, {});
  agent.finish();
}

dockerapi::Container server_of(Setting& setting, const std::string& project,
                               const std::string& service) {
  for (const auto& container : setting.engine.containers(
           {{{"com.docker.compose.project", project}, {"com.docker.compose.service", service}},
            ""})) {
    if (container.state == dockerapi::ContainerState::Running) {
      return container;
    }
  }
  throw DatabaseError("service " + service +
                      " does not run, so what was kept of its databases cannot be dropped");
}

void drop_databases(Setting& setting, const RollbackPoint& point) {
  std::map<std::string, std::unique_ptr<DatabaseSession>> sessions;
  for (const auto& item : point.items) {
    if (item.kind != Kind::Database) {
      continue;
    }
    auto& session = sessions[item.subject];
    if (!session) {
      session = setting.databases.connect(
          {server_of(setting, point.project, item.subject), item.subject, {"postgres", {}, ""}});
    }
    session->drop_kept(item.detail, item.place);
  }
}

}  // namespace

void drop_point(Setting& setting, const RollbackPoint& point) {
  setting.journal.begin_drop(point.job);
  std::exception_ptr problem;
  try {
    drop_files(setting, point);
  } catch (const std::exception&) {
    problem = std::current_exception();
  }
  drop_databases(setting, point);
  if (problem) {
    std::rethrow_exception(problem);
  }
  setting.journal.forget_point(point.job);
}

std::vector<std::string> finish_drops(Setting& setting) {
  std::vector<std::string> done;
  for (const auto& point : setting.journal.points()) {
    if (point.dropping) {
      drop_point(setting, point);
      done.push_back("rollback point " + point.job + " is gone");
    }
  }
  return done;
}

std::vector<RollbackPoint> usable_points(Setting& setting, const std::string& project) {
  auto points = setting.journal.points();
  std::erase_if(points,
                [&](const auto& point) { return point.dropping || point.project != project; });
  return points;
}

std::optional<RollbackPoint> newest_restore(const std::vector<RollbackPoint>& points) {
  const auto found = std::ranges::find(points, "restore", &RollbackPoint::kind);
  return found == points.end() ? std::nullopt : std::optional(*found);
}

std::vector<RollbackPoint> expired(const std::vector<RollbackPoint>& points,
                                   std::chrono::system_clock::time_point now) {
  std::vector<RollbackPoint> over;
  // RFC 3339 in UTC sorts as time does.
  std::ranges::copy_if(points, std::back_inserter(over), [text = rfc3339(now)](const auto& point) {
    return point.expires_at <= text;
  });
  return over;
}

}  // namespace controller
