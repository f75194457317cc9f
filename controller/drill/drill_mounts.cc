#include "controller/drill/drill_mounts.h"

#include <algorithm>

namespace controller {

namespace {

using compose::StackVolume;
using dockerapi::Mount;
using Kind = dockerapi::PathStat::Kind;

// More than that is data, not configuration.
constexpr std::int64_t kLargestCopy = std::int64_t{16} << 20;

bool is_special(const compose::Stack& stack, const std::string& path) {
  return std::ranges::any_of(stack.volumes, [&](const StackVolume& volume) {
    return volume.kind == StackVolume::Kind::Special && volume.name == path;
  });
}

/// Fit for the name of a volume, and short.
std::string simplified(const std::string& key) {
  constexpr std::size_t kLongest = 32;
  std::string name;
  for (const char one : key) {
    const bool plain = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') ||
                       (one >= '0' && one <= '9') || one == '-' || one == '_';
    name += plain ? one : '.';
  }
  return name.size() > kLongest ? name.substr(name.size() - kLongest) : name;
}

}  // namespace

bool holds_engine_socket(const compose::Stack& stack, const dockerapi::Container& container) {
  return std::ranges::any_of(container.mounts, [&](const Mount& mount) {
    return mount.kind == Mount::Kind::Bind && mount.source.ends_with(".sock") &&
           is_special(stack, mount.source);
  });
}

DrillMounts::DrillMounts(const compose::Stack& stack, const Manifest& manifest,
                         const DrillSight& sight, DrillPlan& plan)
    : stack_(stack), manifest_(manifest), sight_(sight), plan_(plan) {
  for (const auto& record : manifest.volumes) {
    add_record(record);
  }
}

void DrillMounts::add_record(const VolumeRecord& record) {
  if (record.kind != "bind") {
    volume_named(record.key, &record);
    return;
  }
  const auto seen = sight_.binds.find(record.name);
  if (seen == sight_.binds.end() || seen->second.kind == Kind::Other) {
    plan_.omitted.push_back(
        {"volume", record.name,
         "no container here mounts it, so its archive is verified and not extracted"});
  } else if (seen->second.kind == Kind::File) {
    file_named(record.name, &record);
  } else {
    volume_named(record.key, &record);
  }
}

void DrillMounts::add(const dockerapi::Container& live, const dockerapi::Image& image,
                      DrillService& service) {
  for (const auto& mount : live.mounts) {
    if (mount.kind == Mount::Kind::Volume) {
      mount_volume(mount, service);
    } else if (mount.kind == Mount::Kind::Bind) {
      mount_bind(mount, service);
    } else if (mount.kind == Mount::Kind::Tmpfs) {
      service.container.allowance.tmpfs.emplace(mount.destination, "");
    } else {
      service.notes.push_back("without the " + mount.engine_kind + " mount at " +
                              mount.destination);
    }
  }
  // Else the engine would make anonymous volumes, which nobody finds again.
  for (const auto& destination : image.declared_volumes) {
    if (std::ranges::find(live.mounts, destination, &Mount::destination) == live.mounts.end() &&
        !live.allowance.tmpfs.contains(destination)) {
      const auto key = service.name + ":" + destination;
      service.mounts.push_back({new_volume(key), destination, false, false, true});
    }
  }
}

void DrillMounts::mount_volume(const Mount& mount, DrillService& service) {
  const auto known = std::ranges::find_if(stack_.volumes, [&](const StackVolume& volume) {
    return volume.kind != StackVolume::Kind::Bind && volume.name == mount.name;
  });
  const auto key = known == stack_.volumes.end() ? mount.name : known->key;
  const auto* record = record_of(key, mount, service.name);
  const auto name = volume_named(record ? record->key : key, record);
  service.mounts.push_back({name, mount.destination, false, !mount.writable, record == nullptr});
}

void DrillMounts::mount_bind(const Mount& mount, DrillService& service) {
  const auto seen = sight_.binds.find(mount.source);
  if (is_special(stack_, mount.source) || seen == sight_.binds.end() ||
      seen->second.kind == Kind::Other) {
    service.notes.push_back("without the host's " + mount.source);
  } else if (seen->second.kind == Kind::File) {
    mount_file(mount, service);
  } else {
    const auto* record = record_of(mount.source, mount, service.name);
    service.mounts.push_back(
        {volume_named(mount.source, record), mount.destination, false, !mount.writable, false});
  }
}

void DrillMounts::mount_file(const Mount& mount, DrillService& service) {
  const auto* record = record_of(mount.source, mount, service.name);
  if (!record && sight_.binds.at(mount.source).size > kLargestCopy) {
    service.notes.push_back("without the host's " + mount.source +
                            ", which is not in the snapshot and too large to be a setting");
    return;
  }
  if (!record) {
    service.notes.push_back("with a copy of the host's " + mount.source +
                            ", which is not in the snapshot");
  }
  service.mounts.push_back(
      {file_named(mount.source, record), mount.destination, true, !mount.writable, false});
}

const VolumeRecord* DrillMounts::record_of(const std::string& key, const Mount& mount,
                                           const std::string& service) const {
  const bool bind = mount.kind == Mount::Kind::Bind;
  const auto find = [&](auto matches) {
    const auto found = std::ranges::find_if(manifest_.volumes, [&](const VolumeRecord& record) {
      return (record.kind == "bind") == bind && matches(record);
    });
    return found == manifest_.volumes.end() ? nullptr : &*found;
  };
  if (const auto* record = find([&](const auto& one) { return one.key == key; })) {
    return record;
  }
  if (const auto* record = find([&](const auto& one) {
        return one.kind == "anonymous" && one.service == service &&
               one.destination == mount.destination;
      })) {
    return record;
  }
  return find([&](const auto& one) { return one.name == (bind ? mount.source : mount.name); });
}

std::string DrillMounts::volume_named(const std::string& key, const VolumeRecord* record) {
  const auto known = volumes_.find(key);
  if (known != volumes_.end()) {
    return known->second;
  }
  const auto name = new_volume(key);
  volumes_[key] = name;
  if (record) {
    plan_.volumes.back().record = *record;
    plan_.volumes.back().reason.clear();
  }
  return name;
}

std::string DrillMounts::new_volume(const std::string& key) {
  const auto name = "v" + std::to_string(plan_.volumes.size()) + "-" + simplified(key);
  plan_.volumes.push_back({key, name, std::nullopt, reason_of(key)});
  return name;
}

std::string DrillMounts::file_named(const std::string& source, const VolumeRecord* record) {
  const auto known = files_.find(source);
  if (known != files_.end()) {
    return known->second;
  }
  const auto name = "f" + std::to_string(plan_.files.size());
  plan_.files.push_back({source, name, std::nullopt});
  if (record) {
    plan_.files.back().record = *record;
  }
  return files_[source] = name;
}

std::string DrillMounts::reason_of(const std::string& key) const {
  const bool of_database = std::ranges::find(manifest_.databases, key, &DatabaseRecord::volume) !=
                           manifest_.databases.end();
  return of_database ? "its databases are restored into it" : "not in the snapshot";
}

}  // namespace controller
