#include "controller/capture/volume_capture.h"

#include <algorithm>
#include <set>
#include <utility>

namespace controller {

namespace {

constexpr const char* kVolumeRoot = "/.cofferdam/v/";
constexpr const char* kDefinitionRoot = "/.cofferdam/d/";

dockerapi::MountSpec mount_of(const PlannedVolume& volume, std::size_t index) {
  dockerapi::MountSpec mount;
  const bool bind = volume.kind == compose::StackVolume::Kind::Bind;
  mount.kind = bind ? dockerapi::MountSpec::Kind::Bind : dockerapi::MountSpec::Kind::Volume;
  mount.source = volume.name;
  mount.target = kVolumeRoot + std::to_string(index);
  return mount;
}

CaptureTree tree_of(const PlannedVolume& volume, std::size_t index, const std::string& directory) {
  CaptureTree tree;
  tree.id = volume.key;
  tree.root = kVolumeRoot + std::to_string(index);
  tree.artifact = directory + "/" + volume.artifact;
  tree.exclude = volume.exclude;
  tree.liveness = volume.mode == Mode::Live ? Liveness::Live : Liveness::Still;
  return tree;
}

/// Mounts the folders of the Compose files and says which files to copy from them.
void add_definition(const CapturePlan& plan, const std::string& directory, AgentSpec& spec,
                    std::vector<CaptureFile>& files) {
  std::map<std::string, std::string> mounted;  // folder on the host -> in the agent
  std::set<std::string> taken;
  for (const auto& file : plan.config_files) {
    const std::filesystem::path path(file);
    const std::string folder = path.parent_path().string();
    if (!path.is_absolute() || folder == "/") {
      continue;
    }
    auto [place, fresh] = mounted.try_emplace(folder);
    if (fresh) {
      place->second = kDefinitionRoot + std::to_string(mounted.size() - 1);
      dockerapi::MountSpec mount;
      mount.kind = dockerapi::MountSpec::Kind::Bind;
      mount.source = folder;
      mount.target = place->second;
      spec.mounts.push_back(std::move(mount));
    }
    std::string name = path.filename().string();
    while (!taken.insert(name).second) {
      name = "_" + name;  // two files of the same name from two folders
    }
    files.push_back(
        {place->second + "/" + path.filename().string(), directory + "/definition/" + name});
  }
}

std::string relative_to(const std::string& directory, const std::string& artifact) {
  return artifact.substr(directory.size() + 1);
}

}  // namespace

VolumeCapture::VolumeCapture(Setting& setting, const std::string& job, const CapturePlan& plan,
                             const Compression& compression, const std::string& draft)
    : setting_(setting) {
  try {
    start(job, plan, compression, draft, !plan.config_files.empty());
  } catch (const dockerapi::Unreachable&) {
    throw;
  } catch (const dockerapi::Error& error) {
    if (plan.config_files.empty()) {
      throw;
    }
    // The files' folder may be on the machine where `docker compose` ran, not on the engine's.
    definition_problem_ = error.what();
    files_.clear();
    start(job, plan, compression, draft, false);
  }
}

void VolumeCapture::start(const std::string& job, const CapturePlan& plan,
                          const Compression& compression, const std::string& draft,
                          bool with_definition) {
  const std::string directory = setting_.store_mount.root + "/" + draft;
  AgentSpec spec{job, "capture", {}, {"DAC_READ_SEARCH"}, "none"};
  CaptureJob work{job, setting_.store_mount.root, compression, {}, {}};
  for (std::size_t i = 0; i < plan.volumes.size(); ++i) {
    spec.mounts.push_back(mount_of(plan.volumes[i], i));
    work.trees.push_back(tree_of(plan.volumes[i], i, directory));
  }
  if (with_definition) {
    add_definition(plan, directory, spec, files_);
  }
  spec.mounts.push_back(setting_.store_mount.mount);
  work.files = files_;
  conversation_ =
      std::make_unique<Conversation>(setting_.engine, setting_.agent, spec, to_line(work));
}

Measurement VolumeCapture::measure(std::stop_token stop) {
  Measurement measured;
  conversation_->run(
      {"measure", {}},
      [&](const Message& message) {
        if (const auto* size = std::get_if<MeasureMessage>(&message)) {
          measured.volumes[size->tree] = size->size;
          expected_[size->tree] = size->size.bytes;
        } else if (const auto* free = std::get_if<FreeSpaceMessage>(&message)) {
          measured.store_free_bytes = free->bytes;
        }
      },
      std::move(stop));
  return measured;
}

std::map<std::string, ArchiveSummary> VolumeCapture::capture(const std::vector<std::string>& keys,
                                                             std::stop_token stop) {
  std::map<std::string, ArchiveSummary> closed;
  std::map<std::string, std::vector<ArchiveWarning>> warnings;
  conversation_->run(
      {"capture", keys},
      [&](const Message& message) {
        if (const auto* step = std::get_if<ProgressMessage>(&message)) {
          setting_.reporter.progress({"volume " + step->tree, step->progress.bytes,
                                      expected_[step->tree], false, step->progress.entries});
        } else if (const auto* warning = std::get_if<WarningMessage>(&message)) {
          warnings[warning->tree].push_back(warning->warning);
          setting_.reporter.warning("volume " + warning->tree + ": " + warning->warning.path +
                                    ": " + warning->warning.text);
        } else if (const auto* tree = std::get_if<TreeMessage>(&message)) {
          closed[tree->tree] = tree->summary;
          setting_.reporter.progress({"volume " + tree->tree, tree->summary.content_bytes,
                                      tree->summary.content_bytes, true, tree->summary.entries});
        }
      },
      std::move(stop));
  for (const auto& key : keys) {
    if (!closed.contains(key)) {
      throw AgentError("the capture agent gave no closing record for volume " + key);
    }
    closed[key].warnings = std::move(warnings[key]);
  }
  return closed;
}

CapturedFiles VolumeCapture::files(std::stop_token stop) {
  CapturedFiles captured;
  if (files_.empty()) {
    return captured;
  }
  const auto folder = std::filesystem::path(files_.front().artifact).parent_path().parent_path();
  conversation_->run(
      {"files", {}},
      [&](const Message& message) {
        const auto* file = std::get_if<FileMessage>(&message);
        if (!file) {
          return;
        }
        if (!file->present) {
          captured.missing.push_back(std::filesystem::path(file->file.artifact).filename());
          return;
        }
        captured.stored.push_back({relative_to(folder.string(), file->file.artifact),
                                   file->digest.stored_bytes, file->digest.raw_bytes,
                                   file->digest.sha256});
      },
      std::move(stop));
  return captured;
}

void VolumeCapture::finish() {
  conversation_->finish();
}

}  // namespace controller
