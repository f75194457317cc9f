#include "controller/restore/volume_restore.h"

#include <algorithm>
#include <filesystem>

namespace controller {

namespace {

constexpr const char* kTargetRoot = "/.cofferdam/r/";
constexpr const char* kConsumed = "consumed:";

bool is_swapped_in(const PlannedVolumeRestore& volume) {
  return volume.origin.snapshot || !volume.origin.keeper.empty();
}

void ignore(const Message& /*message*/) {}

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

std::string kept_archive(const std::string& job, std::size_t index) {
  return ".cofferdam/points/" + job + "/" + std::to_string(index) + ".tar.zst";
}

dockerapi::MountSpec writable_mount(const std::string& source, const std::string& target) {
  using Kind = dockerapi::MountSpec::Kind;
  dockerapi::MountSpec mount;
  mount.kind = source.starts_with('/') ? Kind::Bind : Kind::Volume;
  mount.source = source;
  mount.target = target;
  mount.read_only = false;
  return mount;
}

bool VolumeRestore::needed(const RestorePlan& plan) {
  return std::ranges::any_of(plan.volumes, is_swapped_in);
}

VolumeRestore::VolumeRestore(Setting& setting, const std::string& job, const RestorePlan& plan)
    : setting_(setting), snapshot_(plan.snapshot) {
  AgentSpec spec{job, "restore", {}, restore_capabilities(), "none"};
  RestoreJob work{job, {}};
  bool keeps_archives = false;
  std::vector<std::string> in_place;
  for (std::size_t index = 0; index < plan.volumes.size(); ++index) {
    const auto& volume = plan.volumes[index];
    if (!is_swapped_in(volume)) {
      continue;
    }
    add(volume, index, spec, work);
    (volume.origin.snapshot ? staged_ : adopted_).push_back(volume.record.key);
    const bool exchange = volume.method == SwapMethod::Exchange;
    if (volume.create) {
      new_.push_back(volume.record.key);
    }
    if (volume.origin.snapshot || !exchange) {
      own_.push_back(volume.record.key);
    }
    (exchange ? order_ : in_place).push_back(volume.record.key);
    keeps_archives = keeps_archives || !exchange;
  }
  std::ranges::copy(in_place, std::back_inserter(order_));
  auto store = setting.store_mount.mount;
  store.read_only = !keeps_archives;
  spec.mounts.push_back(std::move(store));
  for (auto& tree : work.trees) {
    tree.artifact = setting.store_mount.root + "/" + tree.artifact;
  }
  spec_ = std::move(spec);
  work_ = to_line(work);
  start_agent();
}

void VolumeRestore::start_agent() {
  conversation_.reset();
  conversation_ = std::make_unique<Conversation>(setting_.engine, setting_.agent, spec_, work_);
}

void VolumeRestore::add(const PlannedVolumeRestore& volume, std::size_t index, AgentSpec& spec,
                        RestoreJob& work) {
  const std::string& job = work.job;
  const std::string target = kTargetRoot + std::to_string(index);
  RestoreTree tree;
  tree.id = volume.record.key;
  tree.artifact =
      volume.origin.snapshot ? snapshot_ + "/" + volume.record.artifact.path : volume.kept_archive;
  tree.digest = {volume.record.artifact.raw_bytes, volume.record.artifact.bytes,
                 volume.record.artifact.sha256};
  tree.entries = volume.record.entries;
  tree.content_bytes = volume.record.content_bytes;
  tree.method = volume.method;
  if (volume.method == SwapMethod::Exchange) {
    const auto place =
        swap_place(volume.mountpoint, volume.origin.snapshot ? job : volume.origin.keeper);
    spec.mounts.push_back(writable_mount(place.parent, target));
    tree.live = target + "/" + place.live;
    tree.staging = target + "/" + place.staging;
  } else {
    spec.mounts.push_back(writable_mount(volume.target, target));
    tree.live = target;
    tree.previous = setting_.store_mount.root + "/" + kept_archive(job, index);
    if (!volume.origin.snapshot) {
      RestoreTree consumed = tree;
      consumed.id = kConsumed + tree.id;
      consumed.previous = setting_.store_mount.root + "/" + volume.kept_archive;
      consumed_.push_back(consumed.id);
      work.trees.push_back(std::move(consumed));
    }
  }
  work.trees.push_back(std::move(tree));
}

std::vector<StagingRoom> VolumeRestore::measure() {
  std::vector<StagingRoom> rooms;
  conversation_->run({"measure", order_},
                     [&](const Message& message) {
                       if (const auto* found = std::get_if<FreeSpaceMessage>(&message)) {
                         rooms.push_back({found->tree, *found});
                       }
                     },
                     {});
  return rooms;
}

void VolumeRestore::stage(std::stop_token stop) {
  std::vector<std::string> closed;
  const auto follow = [&](const Message& message) {
    if (const auto* step = std::get_if<ProgressMessage>(&message)) {
      setting_.reporter.progress(
          {"volume " + step->tree, step->progress.bytes, 0, false, step->progress.entries});
    } else if (const auto* warning = std::get_if<WarningMessage>(&message)) {
      setting_.reporter.warning("volume " + warning->tree + ": " + warning->warning.path + ": " +
                                warning->warning.text);
    } else if (const auto* tree = std::get_if<TreeMessage>(&message)) {
      closed.push_back(tree->tree);
      setting_.reporter.progress({"volume " + tree->tree, tree->summary.content_bytes,
                                  tree->summary.content_bytes, true, tree->summary.entries});
    }
  };
  conversation_->run({"stage", staged_}, follow, stop);
  conversation_->run({"adopt", adopted_}, follow, stop);
  for (const auto& key : order_) {
    if (std::ranges::find(closed, key) == closed.end()) {
      throw AgentError("the restore agent gave no closing record for volume " + key);
    }
  }
}

void VolumeRestore::swap() {
  for (const auto& key : order_) {
    swapped_.push_back(key);  // before, not after: a swap without an answer may have happened
    conversation_->run({"swap", {key}}, ignore, {});
  }
}

void VolumeRestore::unswap() {
  const auto tell = [this](const std::exception& error) {
    setting_.reporter.warning(std::string("swapping back once more, since ") + error.what());
  };
  try {
    take_back();
    return;
  } catch (const AgentError& error) {
    tell(error);
  } catch (const dockerapi::Error& error) {
    tell(error);  // it may have been killed before it was spoken to
  }
  start_agent();
  take_back();
}

void VolumeRestore::take_back() {
  while (!swapped_.empty()) {
    conversation_->run({"unswap", {swapped_.back()}}, ignore, {});
    swapped_.pop_back();
  }
  conversation_->run({"discard", own_}, ignore, {});
}

std::map<std::string, std::uint64_t> VolumeRestore::weigh() {
  std::map<std::string, std::uint64_t> weights;
  conversation_->run({"weigh", order_},
                     [&](const Message& message) {
                       if (const auto* weight = std::get_if<MeasureMessage>(&message)) {
                         weights[weight->tree] = weight->size.bytes;
                       }
                     },
                     {});
  return weights;
}

void VolumeRestore::discard() {
  conversation_->run({"discard", order_}, ignore, {});
}

void VolumeRestore::discard_of_new() {
  conversation_->run({"discard", new_}, ignore, {});
}

void VolumeRestore::finish() {
  conversation_->run({"discard", consumed_}, ignore, {});
  conversation_->finish();
}

}  // namespace controller
