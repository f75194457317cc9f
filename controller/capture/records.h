// What the manifest says about services, volumes and networks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/archive/volume_archive.h"
#include "controller/plan/capture_plan.h"
#include "controller/snapshot/manifest.h"
#include "dockerapi/engine.h"

namespace controller {

/// Services that have a container, with image digests as the engine knows them.
std::vector<ServiceRecord> service_records(dockerapi::Engine& engine, const compose::Stack& stack,
                                           const std::map<std::string, double>& downtime);

VolumeRecord volume_record(const compose::Stack& stack, const PlannedVolume& planned,
                           const ArchiveSummary& summary);

std::vector<NetworkRecord> network_records(const compose::Stack& stack);

/// "volume" record's kind for a stack volume: "named", "external", "anonymous", "bind", "plugin".
std::string record_kind(compose::StackVolume::Kind kind);

}  // namespace controller
