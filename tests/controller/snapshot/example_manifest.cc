#include "tests/controller/snapshot/example_manifest.h"

#include "controller/archive/sha256.h"

namespace controller {

namespace {

ServiceRecord api() {
  ServiceRecord record;
  record.name = "api";
  record.image = "registry.example/shop/api:2.4.1";
  record.image_id = "sha256:" + sha256_of("api image");
  record.image_digests = {"registry.example/shop/api@sha256:" + sha256_of("api digest")};
  record.version = "2.4.1";
  record.environment = {"DATABASE_URL", "TZ"};
  record.depends_on = {{"db", "service_healthy"}, {"redis", "service_started"}};
  record.downtime_seconds = 1.25;
  record.replicas = 2;
  return record;
}

VolumeRecord redis() {
  VolumeRecord record;
  record.key = "redis";
  record.kind = "named";
  record.name = "shop_redis";
  record.driver = "local";
  record.options = {{"device", "/srv/redis"}, {"o", "bind"}, {"type", "none"}};
  record.labels = {{"cofferdam.backup", "true"}, {"com.docker.compose.project", "shop"}};
  record.services = {"redis"};
  record.mode = "stop";
  record.grade = Grade::Quiesced;
  record.excluded = {"tmp/**"};
  record.entries = 42;
  record.content_bytes = 1'234'567;
  record.artifact = {"volumes/redis.tar.zst", 345'678, 1'300'480, sha256_of("redis")};
  record.warnings = {"run/redis.sock: socket skipped"};
  return record;
}

VolumeRecord uploads() {
  VolumeRecord record;
  record.key = "api/1:/uploads";
  record.kind = "anonymous";
  record.name = sha256_of("anonymous");
  record.driver = "local";
  record.services = {"api"};
  record.service = "api";
  record.destination = "/uploads";
  record.mode = "live";
  record.grade = Grade::Live;
  record.entries = 1;
  record.artifact = {"volumes/api_1_uploads.tar.zst", 120, 10'240, sha256_of("uploads")};
  return record;
}

DatabaseRecord app() {
  DatabaseRecord record;
  record.engine = "postgres";
  record.service = "db";
  record.volume = "postgres";
  record.name = "app";
  record.server_version = "15.8";
  record.server_version_number = 150008;
  record.dump_tool_version = "15.8";
  record.encoding = "UTF8";
  record.collation = "en_US.utf8";
  record.character_type = "en_US.utf8";
  record.locale_provider = "icu";
  record.locale = "en-US";
  record.collation_version = "153.120";
  record.owner = "shop";
  record.snapshot_id = "00000003-0000001B-1";
  record.taken_at = "2026-11-20T02:00:00.123456Z";
  record.format = "custom";
  record.schema_sha256 = sha256_of("schema");
  record.size_bytes = 98'765'432'100;
  record.large_objects = 3;
  record.extensions = {{"plpgsql", "1.0", "pg_catalog"}, {"postgis", "3.4.2", "public"}};
  record.roles = {"reader", "shop"};
  record.tables = {{"public", "orders", 18'446'744'073'709'551'615U, "00ff00ff00ff00ff"},
                   {"shop", "Items", 0, "0000000000000000"}};
  record.properties = R"({"comment":"the shop's","settings":["timezone=UTC"]})";
  record.grade = Grade::Dumped;
  record.artifact = {"databases/db/app.dump.zst", 7'654'321, 87'654'321, sha256_of("app")};
  record.warnings = {"table shop.cache is unlogged: its rows are not in the dump"};
  return record;
}

}  // namespace

std::string sha256_of(const std::string& bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.hex();
}

Manifest example_manifest() {
  Manifest manifest;
  manifest.name = "20261120T020000Z";
  manifest.project = "shop";
  manifest.created_at = "2026-11-20T02:00:00Z";
  manifest.finished_at = "2026-11-20T02:00:42Z";
  manifest.status = Status::Degraded;
  manifest.reasons = {"volume api/1:/uploads: copied live"};
  manifest.cofferdam_version = "0.1.0";
  manifest.engine_version = "26.1.5";
  manifest.engine_api = "1.45";
  manifest.architecture = "x86_64";
  manifest.hostname = "h\xC3\xB6st";
  manifest.platform_version = "2.4.1";
  manifest.working_directory = "/srv/shop";
  manifest.config_files = {"/srv/shop/compose.yml", "/srv/shop/caf\xE9.yml"};
  manifest.outage_seconds = 1.25;
  manifest.duration_seconds = 42;
  manifest.services = {api()};
  manifest.volumes = {redis(), uploads()};
  manifest.databases = {app()};
  manifest.servers = {{"postgres", "db", R"([{"name":"shop","login":true}])",
                       Artifact{"databases/db/globals.sql.zst", 512, 2048, sha256_of("globals")}}};
  manifest.definition = {{"definition/compose.yml", 900, 900, sha256_of("compose")}};
  manifest.uncovered = {{"volume nominatim", "not labelled cofferdam.backup"}};
  manifest.recovery = Artifact{"RECOVERY.txt", 4096, 4096, sha256_of("recovery")};
  return manifest;
}

Manifest example_manifest_with_networks() {
  Manifest manifest = example_manifest();
  NetworkRecord own;
  own.key = "default";
  own.name = "shop_default";
  own.driver = "bridge";
  own.scope = "local";
  own.options = {{"com.docker.network.driver.mtu", "1450"}};
  own.labels = {{"com.docker.compose.network", "default"}, {"com.docker.compose.project", "shop"}};
  own.ipam_driver = "default";
  own.pools = {{"172.20.0.0/16", "172.20.0.1", ""}};
  own.services = {"api", "db", "redis"};
  NetworkRecord edge;
  edge.key = edge.name = "edge";
  edge.external = true;
  edge.driver = "bridge";
  edge.scope = "local";
  edge.internal = edge.attachable = edge.enable_ipv6 = true;
  edge.options = {{"registrar_token", "***"}};
  edge.labels = {{"owner", "proxy team"}};
  edge.ipam_driver = "default";
  edge.pools = {{"10.7.0.0/24", "10.7.0.1", "10.7.0.128/25"}, {"fd00:7::/64", "", ""}};
  edge.services = {"api"};
  manifest.networks = {own, edge};
  return manifest;
}

}  // namespace controller
