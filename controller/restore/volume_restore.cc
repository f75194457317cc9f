#include "controller/restore/volume_restore.h"

#include <algorithm>
#include <filesystem>

namespace controller {

namespace {

constexpr const char* kTargetRoot = "/.cofferdam/r/";

RestoreTree tree_of(const PlannedVolumeRestore& volume, const std::string& artifacts) {
  RestoreTree tree;
  tree.id = volume.record.key;
  tree.artifact = artifacts + "/" + volume.record.artifact.path;
  tree.digest = {volume.record.artifact.raw_bytes, volume.record.artifact.bytes,
                 volume.record.artifact.sha256};
  tree.entries = volume.record.entries;
  tree.content_bytes = volume.record.content_bytes;
  tree.method = volume.method;
  return tree;
}

dockerapi::MountSpec writable(dockerapi::MountSpec::Kind kind, const std::string& source,
                              const std::string& target) {
  dockerapi::MountSpec mount;
  mount.kind = kind;
  mount.source = source;
  mount.target = target;
  mount.read_only = false;
  return mount;
}

}  // namespace

const std::vector<std::string>& restore_capabilities() {
  // FSETID, because without it setgid on a foreign group is dropped silently.
  static const std::vector<std::string> capabilities = {"CHOWN",  "DAC_OVERRIDE", "FOWNER",
                                                        "FSETID", "SETFCAP",      "MKNOD"};
  return capabilities;
}

SwapPlace swap_place(const std::string& mountpoint, const std::string& job) {
  const std::filesystem::path path(mountpoint);
  const std::string live = path.filename().string();
  return {path.parent_path().string(), live, live + ".cofferdam-" + job};
}

VolumeRestore::VolumeRestore(Setting& setting, const std::string& job, const RestorePlan& plan)
    : setting_(setting) {
  using Kind = dockerapi::MountSpec::Kind;
  AgentSpec spec{job, "restore", {}, restore_capabilities(), "none"};
  RestoreJob work{job, {}};
  const std::string artifacts = setting.store_mount.root + "/" + plan.snapshot;
  for (const auto& volume : plan.volumes) {
    const std::string target = kTargetRoot + std::to_string(work.trees.size());
    RestoreTree tree = tree_of(volume, artifacts);
    if (volume.method == SwapMethod::Exchange) {
      const SwapPlace place = swap_place(volume.mountpoint, job);
      spec.mounts.push_back(writable(Kind::Bind, place.parent, target));
      tree.live = target + "/" + place.live;
      tree.staging = target + "/" + place.staging;
      exchange_.push_back(tree.id);
    } else {
      const bool bind = volume.record.kind == "bind";
      spec.mounts.push_back(writable(bind ? Kind::Bind : Kind::Volume, volume.target, target));
      tree.live = target;
      in_place_.push_back(tree.id);
    }
    work.trees.push_back(std::move(tree));
  }
  auto store = setting.store_mount.mount;
  store.read_only = true;
  spec.mounts.push_back(std::move(store));
  conversation_ =
      std::make_unique<Conversation>(setting.engine, setting.agent, spec, to_line(work));
}

void VolumeRestore::stage(std::stop_token stop) {
  std::vector<std::string> all = exchange_;
  std::ranges::copy(in_place_, std::back_inserter(all));
  std::vector<std::string> closed;
  conversation_->run(
      {"stage", all},
      [&](const Message& message) {
        if (const auto* step = std::get_if<ProgressMessage>(&message)) {
          setting_.reporter.progress(
              {"volume " + step->tree, step->progress.bytes, 0, false, step->progress.entries});
        } else if (const auto* warning = std::get_if<WarningMessage>(&message)) {
          setting_.reporter.warning("volume " + warning->tree + ": " + warning->warning.path +
                                    ": " + warning->warning.text);
        } else if (const auto* tree = std::get_if<TreeMessage>(&message)) {
          closed.push_back(tree->tree);
          setting_.reporter.progress({"volume " + tree->tree, tree->summary.content_bytes,
                                      tree->summary.content_bytes, true, tree->summary.entries});
        }
      },
      std::move(stop));
  for (const auto& key : all) {
    if (std::ranges::find(closed, key) == closed.end()) {
      throw AgentError("the restore agent gave no closing record for volume " + key);
    }
  }
}

void VolumeRestore::swap() {
  // In place last: what can be swapped back is then swapped back if one of those fails.
  for (const auto& keys : {exchange_, in_place_}) {
    for (const auto& key : keys) {
      swapped_.push_back(key);  // before, not after: a swap without an answer may have happened
      conversation_->run({"swap", {key}}, [](const Message&) {}, {});
    }
  }
}

std::vector<std::string> VolumeRestore::unswap() {
  std::vector<std::string> lost;
  while (!swapped_.empty()) {
    const std::string key = swapped_.back();
    swapped_.pop_back();
    if (std::ranges::find(in_place_, key) != in_place_.end()) {
      lost.push_back(key);
      continue;
    }
    conversation_->run({"unswap", {key}}, [](const Message&) {}, {});
  }
  return lost;
}

void VolumeRestore::discard() {
  conversation_->run({"discard", exchange_}, [](const Message&) {}, {});
  conversation_->finish();
}

}  // namespace controller
