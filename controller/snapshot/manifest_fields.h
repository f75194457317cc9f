// The fields of a manifest, each named once: what is written and what is read is the same list.
//
// A form is called with a name and a member for every field, in the order they have in the file;
// its optional_list() for a list that is left out when empty and may be missing.
#pragma once

#include <concepts>
#include <type_traits>

#include "controller/snapshot/manifest.h"

namespace controller {

/// `T` is `Record`, const when it is written.
template <typename T, typename Record>
concept Is = std::same_as<std::remove_const_t<T>, Record>;

void fields(auto& form, Is<Artifact> auto& artifact) {
  form("path", artifact.path);
  form("bytes", artifact.bytes);
  form("raw_bytes", artifact.raw_bytes);
  form("sha256", artifact.sha256);
}

void fields(auto& form, Is<ServiceRecord> auto& record) {
  form("name", record.name);
  form("image", record.image);
  form("image_id", record.image_id);
  form("image_digests", record.image_digests);
  form("version", record.version);
  form("environment", record.environment);
  form("depends_on", record.depends_on);
  form("downtime_seconds", record.downtime_seconds);
  form("replicas", record.replicas);
}

void fields(auto& form, Is<VolumeRecord> auto& record) {
  form("key", record.key);
  form("kind", record.kind);
  form("name", record.name);
  form("driver", record.driver);
  form("options", record.options);
  form("labels", record.labels);
  form("services", record.services);
  form("service", record.service);
  form("destination", record.destination);
  form("mode", record.mode);
  form("grade", record.grade);
  form("excluded", record.excluded);
  form("entries", record.entries);
  form("content_bytes", record.content_bytes);
  form("artifact", record.artifact);
  form("warnings", record.warnings);
}

void fields(auto& form, Is<AddressPoolRecord> auto& record) {
  form("subnet", record.subnet);
  form("gateway", record.gateway);
  form("ip_range", record.ip_range);
}

void fields(auto& form, Is<NetworkRecord> auto& record) {
  form("key", record.key);
  form("name", record.name);
  form("external", record.external);
  form("driver", record.driver);
  form("scope", record.scope);
  form("internal", record.internal);
  form("attachable", record.attachable);
  form("enable_ipv6", record.enable_ipv6);
  form("options", record.options);
  form("labels", record.labels);
  form("ipam_driver", record.ipam_driver);
  form("pools", record.pools);
  form("services", record.services);
}

void fields(auto& form, Is<TableRecord> auto& record) {
  form("schema", record.schema);
  form("name", record.name);
  form("rows", record.rows);
  form("checksum", record.checksum);
  form("bytes", record.bytes);
}

void fields(auto& form, Is<ExtensionRecord> auto& record) {
  form("name", record.name);
  form("version", record.version);
  form("schema", record.schema);
}

void fields(auto& form, Is<DatabaseRecord> auto& record) {
  form("engine", record.engine);
  form("service", record.service);
  form("volume", record.volume);
  form("name", record.name);
  form("server_version", record.server_version);
  form("server_version_number", record.server_version_number);
  form("dump_tool_version", record.dump_tool_version);
  form("encoding", record.encoding);
  form("collation", record.collation);
  form("character_type", record.character_type);
  form("locale_provider", record.locale_provider);
  form("locale", record.locale);
  form("collation_version", record.collation_version);
  form("owner", record.owner);
  form("snapshot_id", record.snapshot_id);
  form("taken_at", record.taken_at);
  form("format", record.format);
  form("schema_sha256", record.schema_sha256);
  form("size_bytes", record.size_bytes);
  form("large_objects", record.large_objects);
  form("extensions", record.extensions);
  form("roles", record.roles);
  form("tables", record.tables);
  form("properties", record.properties);
  form("grade", record.grade);
  form("artifact", record.artifact);
  form("warnings", record.warnings);
}

void fields(auto& form, Is<ServerRecord> auto& record) {
  form("engine", record.engine);
  form("service", record.service);
  form("roles", record.roles);
  form("globals", record.globals);
}

void fields(auto& form, Is<UncoveredRecord> auto& record) {
  form("what", record.what);
  form("reason", record.reason);
}

void fields(auto& form, Is<Manifest> auto& manifest) {
  form("name", manifest.name);
  form("project", manifest.project);
  form("created_at", manifest.created_at);
  form("finished_at", manifest.finished_at);
  form("status", manifest.status);
  form("reasons", manifest.reasons);
  form("cofferdam_version", manifest.cofferdam_version);
  form("engine_version", manifest.engine_version);
  form("engine_api", manifest.engine_api);
  form("architecture", manifest.architecture);
  form("hostname", manifest.hostname);
  form("platform_version", manifest.platform_version);
  form("working_directory", manifest.working_directory);
  form("config_files", manifest.config_files);
  form("outage_seconds", manifest.outage_seconds);
  form("duration_seconds", manifest.duration_seconds);
  form("services", manifest.services);
  form("volumes", manifest.volumes);
  form.optional_list("networks", manifest.networks);
  form("databases", manifest.databases);
  form("servers", manifest.servers);
  form("definition", manifest.definition);
  form("uncovered", manifest.uncovered);
  form("recovery", manifest.recovery);
}

}  // namespace controller
