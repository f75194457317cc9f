#include "controller/database/detection.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

struct Case {
  std::string image;
  std::vector<std::string> env;
  std::vector<std::string> command;
  bool found = false;
};

dockerapi::Container container_of(const Case& one) {
  dockerapi::Container container;
  container.image = one.image;
  container.env = one.env;
  container.command = one.command;
  return container;
}

TEST(Detection, KnowsServersByTheirImage) {
  const std::vector<Case> cases = {
      {"postgres", {}, {}, true},
      {"postgres:16-alpine", {}, {"postgres", "-c", "max_connections=200"}, true},
      {"postgis/postgis:16-3.4", {}, {"postgres"}, true},
      {"docker.io/pgvector/pgvector:pg16@sha256:0123", {}, {}, true},
      {"ghcr.io/immich-app/postgres:14-vectorchord0.3.0", {}, {}, true},
      {"registry.local:5000/tensorchord/vchord-postgres:pg17", {}, {}, true},
      {"timescale/timescaledb-ha:pg16", {}, {}, true},
      {"bitnami/postgresql:15", {}, {}, true},
      {"supabase/postgres:15.1", {}, {}, true},
      {"cofferdam-test/postgres:17", {}, {"postgres"}, true},
      {"prodrigestivill/postgres-backup-local", {}, {}, false},
      {"prometheuscommunity/postgres-exporter", {}, {}, false},
      {"postgrest/postgrest", {}, {}, false},
      {"edoburu/pgbouncer", {}, {}, false},
      {"mysql:8", {}, {}, false},
      {"postgres.example.org/shop:1", {}, {}, false},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(detect_database(container_of(one), {}).has_value(), one.found) << one.image;
  }
}

TEST(Detection, IsNotMisledByWhatOnlyTalksToADatabase) {
  const std::vector<Case> cases = {
      {"shop:1", {"POSTGRES_PASSWORD=x", "POSTGRES_DB=shop", "POSTGRES_USER=shop"}, {}, false},
      {"postgres:16", {"PGDATA=/var/lib/postgresql/data"}, {"pg_dump", "shop"}, false},
      {"postgres:16", {}, {"/usr/bin/psql", "-f", "x.sql"}, false},
      {"postgres:16", {}, {"sh", "-c", "while true; do pg_dump; done"}, false},
  };
  for (const auto& one : cases) {
    EXPECT_FALSE(detect_database(container_of(one), {})) << one.image;
  }
}

TEST(Detection, KnowsAnUnknownImageThatKeepsACluster) {
  dockerapi::Container container;
  container.image = "example.org/our-db:7";
  container.env = {"PGDATA=/data/pg", "POSTGRES_PASSWORD=x"};
  EXPECT_FALSE(detect_database(container, {}));

  dockerapi::Mount mount;
  mount.destination = "/data";
  mount.writable = true;
  container.mounts = {mount};
  ASSERT_TRUE(detect_database(container, {}));
  EXPECT_EQ(detect_database(container, {})->data_directory, "/data/pg");

  container.mounts.front().writable = false;
  EXPECT_FALSE(detect_database(container, {}));
}

TEST(Detection, NeedsMoreThanAMountedCluster) {
  dockerapi::Container copier;
  copier.image = "rsync:1";
  EXPECT_FALSE(detect_database(copier, {"/source"}));

  copier.env = {"POSTGRES_PASSWORD=x"};
  EXPECT_TRUE(detect_database(copier, {"/source"}));
}

TEST(Detection, LetsTheLabelDecide) {
  dockerapi::Container container;
  container.image = "postgres:16";
  container.labels["cofferdam.database"] = "none";
  EXPECT_FALSE(detect_database(container, {"/var/lib/postgresql/data"}));

  container.image = "anything";
  container.labels["cofferdam.database"] = "postgres";
  const auto found = detect_database(container, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->evidence, std::vector<std::string>{"label cofferdam.database=postgres"});
}

TEST(Detection, SaysWhyAndWhere) {
  dockerapi::Container container;
  container.image = "postgres:15";
  container.env = {"POSTGRES_DB=shop", "PATH=/bin"};
  EXPECT_EQ(*detect_database(container, {"/var/lib/postgresql/data"}),
            (DatabaseDetection{"postgres",
                               {"image postgres:15", "environment POSTGRES_DB",
                                "cluster in /var/lib/postgresql/data"},
                               "/var/lib/postgresql/data"}));

  container.env = {"PGDATA=/var/lib/postgresql/18/docker"};
  EXPECT_EQ(detect_database(container, {})->data_directory, "/var/lib/postgresql/18/docker");

  container.env = {};
  container.image = "bitnami/postgresql:16";
  EXPECT_EQ(detect_database(container, {})->data_directory, "/bitnami/postgresql/data");
}

}  // namespace
}  // namespace controller
