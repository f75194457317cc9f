cofferdam_test(snapshot_test
  SOURCES
    tests/controller/archive/temporary_directory.cc
    tests/controller/snapshot/example_manifest.cc
    tests/controller/snapshot/manifest_test.cc
    tests/controller/snapshot/shell_quote_test.cc
  LIBS controller_snapshot)
target_compile_definitions(snapshot_test PRIVATE
  COFFERDAM_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/controller/snapshot")
add_test(NAME manifest_schema COMMAND /usr/bin/python3
  ${CMAKE_SOURCE_DIR}/tests/controller/snapshot/manifest_schema_test.py
  ${CMAKE_SOURCE_DIR}/docs/manifest.schema.json
  ${CMAKE_SOURCE_DIR}/tests/controller/snapshot/manifests/format-1.json)
