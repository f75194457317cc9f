#include "controller/drill/drill_volumes.h"

#include <memory>

#include "controller/agent/conversation.h"

namespace controller {

namespace {

using Outcome = CheckedItem::Outcome;

constexpr const char* kVolumes = "/.cofferdam/v/";
constexpr const char* kSources = "/.cofferdam/f/";
constexpr const char* kFilesRoot = "/.cofferdam/files";

/// One thing to fill, as the agent and as the report know it.
struct Filling {
  RestoreTree tree;
  std::string key;
  const VolumeRecord* record = nullptr;
  std::string command;  // "place", "place-file", "copy-file"; empty: it stays empty
  std::string reason;   // why it does
};

RestoreTree tree_of(const std::string& id, const std::string& target,
                    const std::optional<VolumeRecord>& record, const std::string& artifacts) {
  RestoreTree tree;
  tree.id = id;
  tree.live = target;
  if (record) {
    const auto& artifact = record->artifact;
    tree.artifact = artifacts + "/" + artifact.path;
    tree.digest = {artifact.raw_bytes, artifact.bytes, artifact.sha256};
    tree.entries = record->entries;
    tree.content_bytes = record->content_bytes;
  }
  return tree;
}

class Fillings {
 public:
  Fillings(Setting& setting, const DrillSite& site, const DrillPlan& plan)
      : spec_{"",
              "drill",
              {},
              {"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETFCAP", "MKNOD"},
              "none"},
        artifacts_(setting.store_mount.root + "/" + plan.snapshot) {
    for (const auto& volume : plan.volumes) {
      add_volume(site, volume);
    }
    if (!plan.files.empty()) {
      mount(dockerapi::MountSpec::Kind::Volume, site.volume(DrillSite::kFiles), kFilesRoot, false);
    }
    for (const auto& file : plan.files) {
      add_file(file);
    }
    spec_.mounts.push_back(setting.store_mount.mount);
    spec_.mounts.back().read_only = true;
  }

  [[nodiscard]] const AgentSpec& spec() const { return spec_; }
  [[nodiscard]] const std::vector<Filling>& all() const { return all_; }

 private:
  void mount(dockerapi::MountSpec::Kind kind, const std::string& source, const std::string& target,
             bool read_only) {
    dockerapi::MountSpec mounted;
    mounted.kind = kind;
    mounted.source = source;
    mounted.target = target;
    mounted.read_only = read_only;
    spec_.mounts.push_back(std::move(mounted));
  }

  void add_volume(const DrillSite& site, const DrillVolume& volume) {
    const auto target = kVolumes + volume.name;
    mount(dockerapi::MountSpec::Kind::Volume, site.volume(volume.name), target, false);
    Filling filling{tree_of(volume.name, target, volume.record, artifacts_), volume.key, nullptr,
                    "", volume.reason};
    if (volume.record) {
      filling.record = &*volume.record;
      filling.command = "place";
    }
    all_.push_back(std::move(filling));
  }

  void add_file(const DrillFile& file) {
    const auto target = std::string(kFilesRoot) + "/" + file.name;
    Filling filling{tree_of(file.name, target, file.record, artifacts_), file.source, nullptr,
                    "copy-file", ""};
    if (file.record) {
      filling.record = &*file.record;
      filling.command = "place-file";
    } else {
      filling.tree.artifact = kSources + file.name;
      mount(dockerapi::MountSpec::Kind::Bind, file.source, filling.tree.artifact, true);
    }
    all_.push_back(std::move(filling));
  }

  AgentSpec spec_;
  std::string artifacts_;
  std::vector<Filling> all_;
};

class Filler {
 public:
  Filler(Setting& setting, AgentSpec spec, const std::vector<Filling>& fillings,
         std::stop_token stop)
      : setting_(setting), stop_(std::move(stop)) {
    RestoreJob job{spec.job, {}};
    for (const auto& filling : fillings) {
      job.trees.push_back(filling.tree);
    }
    agent_ = std::make_unique<Conversation>(setting.engine, setting.agent, spec, to_line(job));
  }

  /// All volumes lie on the file system of the first.
  void check_space(const std::string& tree, std::uint64_t needed) {
    agent_->run(
        {"measure", {tree}},
        [&](const Message& message) {
          const auto* space = std::get_if<FreeSpaceMessage>(&message);
          if (space && space->bytes < needed) {
            throw NoSpace("a drill needs " + std::to_string(needed) +
                          " bytes where the engine keeps its volumes, and " +
                          std::to_string(space->bytes) + " are free");
          }
        },
        stop_);
  }

  CheckedItem fill(const Filling& filling) {
    CheckedItem item{"volume", filling.key, Outcome::Skipped, "empty, " + filling.reason, 0};
    if (filling.command.empty()) {
      return item;
    }
    const auto start = setting_.clock.steady();
    try {
      place(filling);
      item.outcome = Outcome::Passed;
      item.text = filling.record ? std::to_string(weigh(filling)) + " entries, as recorded"
                                 : "copied from the host";
    } catch (const IntegrityError& error) {
      item.outcome = Outcome::Differs;
      item.text = error.what();
    }
    item.seconds = std::chrono::duration<double>(setting_.clock.steady() - start).count();
    return item;
  }

  void finish() { agent_->finish(); }

 private:
  void place(const Filling& filling) {
    const std::string component = "volume " + filling.key;
    bool closed = filling.record == nullptr;
    agent_->run(
        {filling.command, {filling.tree.id}},
        [&](const Message& message) {
          if (const auto* step = std::get_if<ProgressMessage>(&message)) {
            setting_.reporter.progress(
                {component, step->progress.bytes, filling.tree.content_bytes, false});
          } else if (const auto* warning = std::get_if<WarningMessage>(&message)) {
            setting_.reporter.warning(component + ": " + warning->warning.path + ": " +
                                      warning->warning.text);
          } else if (std::holds_alternative<TreeMessage>(message)) {
            closed = true;
          }
        },
        stop_);
    if (!closed) {
      throw AgentError("the drill agent gave no closing record for " + component);
    }
    setting_.reporter.progress(
        {component, filling.tree.content_bytes, filling.tree.content_bytes, true});
  }

  /// Throws IntegrityError if not all that was recorded lies there.
  std::uint64_t weigh(const Filling& filling) {
    std::uint64_t entries = 0;
    agent_->run(
        {"weigh", {filling.tree.id}},
        [&](const Message& message) {
          if (const auto* measured = std::get_if<MeasureMessage>(&message)) {
            entries = measured->size.entries;
          }
        },
        stop_);
    if (entries != filling.record->entries) {
      throw IntegrityError(std::to_string(entries) + " entries lie there, recorded were " +
                           std::to_string(filling.record->entries));
    }
    return entries;
  }

  Setting& setting_;
  std::stop_token stop_;
  std::unique_ptr<Conversation> agent_;
};

std::uint64_t bytes_needed(const DrillPlan& plan) {
  std::uint64_t bytes = 0;
  for (const auto& volume : plan.volumes) {
    bytes += volume.record ? volume.record->content_bytes : 0;
  }
  for (const auto& database : plan.databases) {
    bytes += database.record.size_bytes;
  }
  return bytes;
}

}  // namespace

std::vector<CheckedItem> fill_volumes(Setting& setting, const DrillSite& site,
                                      const DrillPlan& plan, std::stop_token stop) {
  const Fillings fillings(setting, site, plan);
  std::vector<CheckedItem> items;
  if (fillings.all().empty()) {
    return items;
  }
  auto spec = fillings.spec();
  spec.job = site.job();
  Filler filler(setting, spec, fillings.all(), std::move(stop));
  if (!plan.volumes.empty()) {
    filler.check_space(fillings.all().front().tree.id, bytes_needed(plan));
  }
  for (const auto& filling : fillings.all()) {
    items.push_back(filler.fill(filling));
  }
  filler.finish();
  return items;
}

}  // namespace controller
