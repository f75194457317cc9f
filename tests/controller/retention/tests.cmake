cofferdam_test(retention_test
  SOURCES
    tests/controller/archive/temporary_directory.cc
    tests/controller/retention/plan_case.cc
    tests/controller/retention/prune_copies_test.cc
    tests/controller/retention/prune_test.cc
    tests/controller/retention/retention_plan_test.cc
    tests/controller/retention/retention_property_test.cc
    tests/controller/retention/snapshot_candidates_test.cc
    tests/controller/snapshot/example_manifest.cc
    tests/controller/snapshot/written_snapshot.cc
    tests/fakes/memory_s3.cc
  LIBS controller_retention store_fakes)
target_compile_definitions(retention_test PRIVATE
  COFFERDAM_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/controller/retention")
