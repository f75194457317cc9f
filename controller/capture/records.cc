#include "controller/capture/records.h"

#include <algorithm>

#include "compose/volume_kind.h"

namespace controller {

namespace {

using Kind = compose::StackVolume::Kind;

std::vector<std::string> environment_names(const dockerapi::Container& container) {
  std::vector<std::string> names;
  for (const auto& entry : container.env) {
    names.push_back(entry.substr(0, entry.find('=')));
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> image_digests(dockerapi::Engine& engine, const std::string& image_id) {
  try {
    return engine.inspect_image(image_id).digests;
  } catch (const dockerapi::NotFound&) {
    return {};  // the image was removed while its container runs on
  }
}

std::string image_tag(const std::string& image) {
  const auto slash = image.rfind('/');
  const auto colon = image.rfind(':');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return tagged && image.find('@') == std::string::npos ? image.substr(colon + 1) : std::string();
}

const compose::StackVolume* find_volume(const compose::Stack& stack, const std::string& key) {
  const auto found = std::ranges::find(stack.volumes, key, &compose::StackVolume::key);
  return found == stack.volumes.end() ? nullptr : &*found;
}

Grade grade_of(Mode mode) {
  switch (mode) {
    case Mode::Stop:
      return Grade::Quiesced;
    case Mode::Pause:
      return Grade::Paused;
    case Mode::Dump:
      return Grade::Dumped;
    case Mode::Live:
      break;
  }
  return Grade::Live;
}

}  // namespace

std::string record_kind(Kind kind) {
  switch (kind) {
    case Kind::External:
      return "external";
    case Kind::Anonymous:
      return "anonymous";
    case Kind::Bind:
      return "bind";
    case Kind::Plugin:
      return "plugin";
    default:
      return "named";
  }
}

std::vector<ServiceRecord> service_records(dockerapi::Engine& engine, const compose::Stack& stack,
                                           const std::map<std::string, double>& downtime) {
  std::vector<ServiceRecord> records;
  for (const auto& member : stack.services) {
    if (member.replicas.empty()) {
      continue;
    }
    const auto& container = member.replicas.front();
    ServiceRecord record;
    record.name = member.name;
    record.image = container.image;
    record.image_id = container.image_id;
    record.image_digests = image_digests(engine, container.image_id);
    record.version = image_tag(container.image);
    record.environment = environment_names(container);
    record.replicas = static_cast<int>(member.replicas.size());
    for (const auto& edge : stack.dependencies) {
      if (edge.from == member.name) {
        record.depends_on[edge.to] = compose::to_string(edge.condition);
      }
    }
    if (const auto down = downtime.find(member.name); down != downtime.end()) {
      record.downtime_seconds = down->second;
    }
    records.push_back(std::move(record));
  }
  return records;
}

VolumeRecord volume_record(const compose::Stack& stack, const PlannedVolume& planned,
                           const ArchiveSummary& summary) {
  VolumeRecord record;
  record.key = planned.key;
  record.kind = record_kind(planned.kind);
  record.name = planned.name;
  record.services = planned.producers;
  record.mode = to_string(planned.mode);
  record.grade = planned.only_paused.empty() ? grade_of(planned.mode) : Grade::Paused;
  record.excluded = planned.exclude;
  record.entries = summary.entries;
  record.content_bytes = summary.content_bytes;
  record.artifact = {planned.artifact, summary.artifact.stored_bytes, summary.artifact.raw_bytes,
                     summary.artifact.sha256};
  for (const auto& warning : summary.warnings) {
    record.warnings.push_back(warning.path + ": " + warning.text);
  }
  if (const auto* volume = find_volume(stack, planned.key)) {
    record.driver = volume->volume.driver;
    record.labels = volume->volume.labels;
    record.options = compose::masked_options(volume->volume.options);
    if (planned.kind == Kind::Anonymous && !volume->users.empty()) {
      record.service = volume->users.front().service;
      record.destination = volume->users.front().destination;
    }
  }
  return record;
}

std::vector<NetworkRecord> network_records(const compose::Stack& stack) {
  std::vector<NetworkRecord> records;
  for (const auto& member : stack.networks) {
    const auto& network = member.network;
    NetworkRecord record;
    record.key = member.key;
    record.name = network.name;
    record.external = member.is_external;
    record.driver = network.driver;
    record.scope = network.scope;
    record.internal = network.internal;
    record.attachable = network.attachable;
    record.enable_ipv6 = network.enable_ipv6;
    record.options = compose::masked_options(network.options);
    record.labels = network.labels;
    record.ipam_driver = network.addresses.driver;
    for (const auto& pool : network.addresses.pools) {
      record.pools.push_back({pool.subnet, pool.gateway, pool.ip_range});
    }
    record.services = member.services;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace controller
