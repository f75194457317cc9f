#!/bin/bash
# As the official image does: a template database with PostGIS, and PostGIS in the user's database.
set -euo pipefail

run() { psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$1"; }

run postgres <<<'CREATE DATABASE template_postgis IS_TEMPLATE true;'
for database in template_postgis "$POSTGRES_DB"; do
  run "$database" <<'SQL'
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS postgis_topology;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
SQL
done
