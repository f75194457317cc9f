# Tests of controller/database.
cofferdam_test(database_test
  SOURCES
    tests/controller/database/detection_test.cc
  LIBS controller_database)

# Against a PostgreSQL server of this machine, which the tests start themselves.
cofferdam_test(postgres_test
  SOURCES
    tests/controller/database/child_process.cc
    tests/controller/database/local_docker.cc
    tests/controller/database/local_postgres.cc
    tests/controller/database/postgres_dump_test.cc
    tests/controller/database/postgres_fixture.cc
    tests/controller/database/postgres_restore_test.cc
  LIBS controller_database fakes PkgConfig::PQ)
