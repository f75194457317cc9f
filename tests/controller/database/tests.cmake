# Tests of controller/database.
cofferdam_test(database_test
  SOURCES
    tests/controller/database/archive_filter_test.cc
    tests/controller/database/archive_reader_test.cc
    tests/controller/database/archive_sample.cc
    tests/controller/database/archive_shares_test.cc
    tests/controller/database/copy_checksum_test.cc
    tests/controller/database/copy_rows_test.cc
    tests/controller/database/copy_statement_test.cc
    tests/controller/database/detection_test.cc
    tests/controller/database/exec_process_test.cc
    tests/controller/database/extension_version_test.cc
    tests/controller/database/plain_dump_reader_test.cc
    tests/controller/database/postgres_login_test.cc
    tests/controller/database/postgres_properties_test.cc
    tests/controller/database/sql_protocol_test.cc
    tests/controller/database/sql_text_test.cc
  LIBS controller_database fakes)

# Against a PostgreSQL server of this machine, which each of these starts once for all its cases.
add_executable(postgres_test
  tests/controller/database/child_process.cc
  tests/controller/database/container_postgres.cc
  tests/controller/database/driver_conformance_test.cc
  tests/controller/database/local_docker.cc
  tests/controller/database/local_postgres.cc
  tests/controller/database/postgres_agent_test.cc
  tests/controller/database/postgres_dump_test.cc
  tests/controller/database/postgres_fidelity_test.cc
  tests/controller/database/postgres_fixture.cc
  tests/controller/database/postgres_objections_test.cc
  tests/controller/database/postgres_parallel_test.cc
  tests/controller/database/postgres_restore_test.cc
  tests/controller/database/postgres_swap_test.cc
  tests/controller/database/postgres_table_test.cc
  tests/controller/database/timescale_test.cc)
target_link_libraries(postgres_test PRIVATE
  controller_database fakes PkgConfig::PQ GTest::gtest GTest::gmock GTest::gtest_main)
foreach(suite PostgresAgentTest PostgresDumpTest PostgresRestoreTest PostgresFidelityTest
    PostgresLoginTriggerTest PostgresObjectionsTest PostgresSwapTest PostgresTableTest PostgresParallelTest
    TimescaleTest TimescaleVersionTest DriverConformanceTest)
  add_test(NAME postgres.${suite} COMMAND postgres_test "--gtest_filter=*${suite}.*")
  set_tests_properties(postgres.${suite} PROPERTIES TIMEOUT 900)
endforeach()
