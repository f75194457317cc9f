#include "plugin/sidecar.h"

#include <algorithm>
#include <set>

namespace plugin {

namespace {

/// Up to the next `separator`, which goes too.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

/// A path as it is reached in the end, if it is reached from here at all.
std::filesystem::path resolved(const std::filesystem::path& path) {
  std::error_code away;
  const auto real = std::filesystem::canonical(path, away);
  return away ? path.lexically_normal() : real;
}

std::string how_to_start(const Sidecar& sidecar) {
  if (sidecar.state == "paused") {
    return "; wake it with `docker unpause " + sidecar.name + "`";
  }
  if (sidecar.state == "restarting") {
    return "; `docker logs " + sidecar.name + "` says why it does not stay up";
  }
  return "; start it with `docker start " + sidecar.name + "`";
}

std::string names_of(const std::vector<Sidecar>& sidecars) {
  std::string text;
  for (const auto& sidecar : sidecars) {
    text += (text.empty() ? "" : ", ") + sidecar.name;
  }
  return text;
}

}  // namespace

const std::vector<std::string>& listing_words() {
  // The folder comes last: it may hold anything.
  static const std::string format =
      "{{.ID}}\t{{.State}}\t{{.Names}}\t{{.Label \"com.docker.compose.project\"}}\t"
      "{{.Label \"com.docker.compose.project.working_dir\"}}";
  static const std::vector<std::string> words = {"ps",
                                                 "--all",
                                                 "--no-trunc",
                                                 "--filter",
                                                 "label=org.opencontainers.image.title=Cofferdam",
                                                 "--filter",
                                                 "label=com.docker.compose.project",
                                                 "--filter",
                                                 "label=com.docker.compose.oneoff=False",
                                                 "--format",
                                                 format};
  return words;
}

std::vector<Sidecar> sidecars_in(std::string_view listing) {
  std::vector<Sidecar> sidecars;
  while (!listing.empty()) {
    auto line = take(listing, '\n');
    if (line.empty()) {
      continue;
    }
    Sidecar sidecar;
    sidecar.id = take(line, '\t');
    sidecar.state = take(line, '\t');
    sidecar.name = take(line, '\t');
    sidecar.project = take(line, '\t');
    sidecar.folder = line;
    sidecars.push_back(std::move(sidecar));
  }
  return sidecars;
}

std::optional<MeantProject> project_deployed_from(const std::filesystem::path& folder,
                                                  const std::vector<Sidecar>& sidecars) {
  std::set<std::string> projects;
  for (const auto& sidecar : sidecars) {
    if (!sidecar.folder.empty() && resolved(sidecar.folder) == resolved(folder)) {
      projects.insert(sidecar.project);
    }
  }
  if (projects.size() != 1) {
    return std::nullopt;
  }
  return MeantProject{*projects.begin(), "deployed from " + folder.string()};
}

Sidecar sidecar_of(const MeantProject& project, const std::vector<Sidecar>& sidecars) {
  std::vector<Sidecar> own;
  std::vector<Sidecar> running;
  for (const auto& sidecar : sidecars) {
    if (sidecar.project == project.name) {
      own.push_back(sidecar);
      if (sidecar.state == "running") {
        running.push_back(sidecar);
      }
    }
  }
  const auto named = "the project " + project.name + " (" + project.told_by + ")";
  if (own.empty()) {
    throw NoSidecar(named + " has no sidecar on this engine" + known_projects(sidecars));
  }
  if (running.empty()) {
    throw NoSidecar("the sidecar " + own.front().name + " of " + named + " does not run, it is " +
                    own.front().state + how_to_start(own.front()));
  }
  if (running.size() > 1) {
    throw NoSidecar(named + " has several sidecars: " + names_of(running) +
                    "; run the command in one of them with `docker exec`");
  }
  return running.front();
}

std::string known_projects(const std::vector<Sidecar>& sidecars) {
  std::set<std::string> projects;
  for (const auto& sidecar : sidecars) {
    projects.insert(sidecar.project);
  }
  if (projects.empty()) {
    return "; no container of a Compose project has the label "
           "org.opencontainers.image.title=Cofferdam there: deploy the sidecar, or choose another "
           "engine with `docker --context` or DOCKER_HOST";
  }
  std::string text;
  for (const auto& project : projects) {
    text += (text.empty() ? "; this engine has sidecars of: " : ", ") + project;
  }
  return text + " (choose with --project)";
}

}  // namespace plugin
