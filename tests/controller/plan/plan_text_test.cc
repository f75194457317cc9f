// The plan as people and programs read it, for the stack of compose/examples/openmapx.
#include <gtest/gtest.h>

#include "controller/plan/capture_plan.h"
#include "tests/compose/stack_text.h"

namespace {

constexpr const char* kOpenMapX =
    "volume postgis cofferdam.backup=true\n"
    "volume redis cofferdam.backup=true\n"
    "volume traefik cofferdam.backup=true\n"
    "volume uploads cofferdam.backup=true cofferdam.exclude=thumbnails/**\n"
    "volume nominatim\n"
    "volume valhalla\n"
    "service postgis image=postgis/postgis:16-3.4 rw=postgis:/var/lib/postgresql/data "
    "health=healthy\n"
    "service redis image=valkey/valkey:8 rw=redis:/data health=healthy\n"
    "service app-api image=ghcr.io/openmapx/app-api:1.4.2 label=cofferdam.version=image-tag "
    "rw=uploads:/var/lib/openmapx needs=postgis:service_healthy:false,redis:service_healthy:false\n"
    "service traefik image=traefik:v3.1 rw=traefik:/letsencrypt "
    "needs=app-api:service_started:false\n"
    "service nominatim image=mediagis/nominatim:4.4 rw=nominatim:/var/lib/postgresql/14/main\n"
    "service valhalla image=valhalla:3.5.0 rw=valhalla:/custom_files\n"
    "service tileserver image=maptiler/tileserver-gl:v5.0.0 rw=/srv/openmapx/tiles:/data\n"
    "service cofferdam self image=cofferdam:dev tmpfs=/tmp "
    "rw=/var/run/docker.sock:/var/run/docker.sock rw=/srv/openmapx/backups:/backups\n";

controller::CapturePlan openmapx_plan(const std::optional<controller::LastRun>& last) {
  const auto stack = compose_test::stack_of(kOpenMapX);
  controller::PlanRequest request;
  request.detections["postgis"] = {"postgres",
                                   {"image postgis/postgis:16-3.4", "environment POSTGRES_DB"},
                                   "/var/lib/postgresql/data"};
  request.last = last;
  return controller::plan_capture(stack, controller::read_policy(stack, ""), request);
}

TEST(PlanText, TellsAllOfTheOpenMapXStack) {
  controller::LastRun last;
  last.snapshot = "20261120T020000Z";
  last.duration_seconds = 72.25;
  last.downtime_seconds = {{"redis", 3.14}};
  last.bytes = {{"redis", 1536}, {"postgis/openmapx", 3U << 20U}, {"postgis/other", 1U << 20U}};

  EXPECT_EQ(to_text(openmapx_plan(last)), R"(Project shop, version 1.4.2

Captured:
  database postgis (postgres): all databases dumped while it runs; last time 4.0 MiB
    flagged by: label of volume shop_postgis
    recognised by: image postgis/postgis:16-3.4, environment POSTGRES_DB
    files in: postgis
  volume redis (shop_redis): copied while nobody writes it; last time 1.5 KiB
    flagged by: label of volume shop_redis
    written by: redis
    into: volumes/redis.tar.zst
  volume traefik (shop_traefik): copied while nobody writes it
    flagged by: label of volume shop_traefik
    written by: traefik
    into: volumes/traefik.tar.zst
  volume uploads (shop_uploads): copied while nobody writes it
    flagged by: label of volume shop_uploads
    written by: app-api
    without: thumbnails/**
    into: volumes/uploads.tar.zst

Stops in this order, starts in the reverse order:
  1. stop shop-traefik-1: writes traefik
  2. stop shop-app-api-1: writes uploads
  3. stop shop-redis-1: writes redis; awaited until healthy; down for 3.1 s last time

Nothing protects:
  bind mount /srv/openmapx/backups of cofferdam: written by Cofferdam itself
  bind mount /srv/openmapx/tiles of tileserver: not flagged
  bind mount /var/run/docker.sock: belongs to the host or to the engine
  volume nominatim (shop_nominatim): not flagged
  volume valhalla (shop_valhalla): not flagged
  tmpfs cofferdam: /tmp: tmpfs

The last run, 20261120T020000Z, took 72.2 s.
)");
}

TEST(PlanText, OfNothingSaysSo) {
  controller::CapturePlan plan;
  plan.project = "shop";

  EXPECT_EQ(to_text(plan), "Project shop\n\nCaptured:\n  nothing\n\nNothing stops.\n");
}

TEST(PlanJson, OfNothingHasEveryField) {
  controller::CapturePlan plan;
  plan.project = "shop";

  EXPECT_EQ(to_json(plan), R"({
  "project": "shop",
  "platform_version": "",
  "working_directory": "",
  "config_files": [],
  "volumes": [],
  "databases": [],
  "stops": [],
  "hooks": [],
  "unprotected": [],
  "warnings": [],
  "last": null
}
)");
}

TEST(PlanJson, SaysAllThatThePlanHolds) {
  const auto stack = compose_test::stack_of(
      "volume a cofferdam.backup=true cofferdam.exclude=x,y\n"
      "volume pg cofferdam.backup=true\n"
      "volume index\n"
      "service app rw=a:/a\n"
      "service db rw=pg:/var/lib/postgresql/data rw=index:/i\n"
      "container probe autoremove rw=shop_a:/a\n");
  controller::PlanRequest request;
  request.detections["db"] = {"postgres", {"image postgres:16"}, "/var/lib/postgresql/data"};
  request.last = controller::LastRun{"monday", 2.5, {{"app", 1.5}}, {{"a", 7}}};

  EXPECT_EQ(to_json(plan_capture(stack, controller::read_policy(stack, ""), request)),
            R"json({
  "project": "shop",
  "platform_version": "1",
  "working_directory": "",
  "config_files": [],
  "volumes": [
    {
      "key": "a",
      "kind": "named",
      "name": "shop_a",
      "mode": "stop",
      "exclude": [
        "x",
        "y"
      ],
      "producers": [
        "app"
      ],
      "readers": [],
      "foreign_producers": [
        "probe"
      ],
      "only_paused": [
        "probe"
      ],
      "artifact": "volumes/a.tar.zst",
      "reason": "label of volume shop_a"
    }
  ],
  "databases": [
    {
      "service": "db",
      "container": "3c6ef372fe94f82a3c6ef372fe94f82a3c6ef372fe94f82a3c6ef372fe94f82a",
      "volume": "pg",
      "engine": "postgres",
      "evidence": [
        "image postgres:16"
      ],
      "databases": [],
      "reason": "label of volume shop_pg"
    }
  ],
  "stops": [
    {
      "container": "daa66d2c7ddf743fdaa66d2c7ddf743fdaa66d2c7ddf743fdaa66d2c7ddf743f",
      "name": "probe",
      "project": "",
      "service": "",
      "number": 0,
      "action": "pause",
      "level": 0,
      "state": "running",
      "restart_policy": "no",
      "await_healthy": false,
      "reason": "writes a"
    },
    {
      "container": "9e3779b97f4a7c159e3779b97f4a7c159e3779b97f4a7c159e3779b97f4a7c15",
      "name": "shop-app-1",
      "project": "shop",
      "service": "app",
      "number": 1,
      "action": "stop",
      "level": 0,
      "state": "running",
      "restart_policy": "no",
      "await_healthy": false,
      "reason": "writes a"
    }
  ],
  "hooks": [],
  "unprotected": [
    {
      "what": "volume index (shop_index)",
      "reason": "not flagged"
    }
  ],
  "warnings": [
    "container probe, which would not come back from a stop, writes volume a: it is paused only, so that copy is not quiesced",
    "probe is not of this project and is paused too: it writes a"
  ],
  "last": {
    "snapshot": "monday",
    "duration_seconds": 2.5,
    "downtime_seconds": {
      "app": 1.5
    },
    "bytes": {
      "a": 7
    }
  }
}
)json");
}

// A name on a host may be any bytes; a JSON document may not.
TEST(PlanJson, IsValidWhateverTheNames) {
  controller::CapturePlan plan;
  plan.unprotected = {{"bind mount /srv/\xff", "not flagged"}};

  EXPECT_NE(to_json(plan).find("/srv/\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
