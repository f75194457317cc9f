# Stores that keep the contract of SnapshotStore and need no disk that holds its promises.
add_library(store_fakes STATIC tests/fakes/faulty_store.cc tests/fakes/memory_store.cc)
target_link_libraries(store_fakes PUBLIC controller_snapshot)

cofferdam_test(snapshot_test
  SOURCES
    tests/controller/archive/temporary_directory.cc
    tests/controller/snapshot/check_report_test.cc
    tests/controller/snapshot/clock_test.cc
    tests/controller/snapshot/directory_store_test.cc
    tests/controller/snapshot/example_manifest.cc
    tests/controller/snapshot/full_snapshot.cc
    tests/controller/snapshot/listing_notes_test.cc
    tests/controller/snapshot/manifest_test.cc
    tests/controller/snapshot/recovery_text_test.cc
    tests/controller/snapshot/shell_quote_test.cc
    tests/controller/snapshot/snapshot_store_contract_test.cc
    tests/controller/snapshot/snapshot_listing_test.cc
    tests/controller/snapshot/snapshot_stream_test.cc
    tests/controller/snapshot/verification_test.cc
    tests/controller/snapshot/written_snapshot.cc
    tests/fakes/faulty_store_test.cc
  LIBS store_fakes)
target_compile_definitions(snapshot_test PRIVATE
  COFFERDAM_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/controller/snapshot")

add_test(NAME manifest_schema COMMAND /usr/bin/python3
  ${CMAKE_SOURCE_DIR}/tests/controller/snapshot/manifest_schema_test.py
  ${CMAKE_SOURCE_DIR}/docs/manifest.schema.json
  ${CMAKE_SOURCE_DIR}/tests/controller/snapshot/manifests/format-1.json
  ${CMAKE_SOURCE_DIR}/tests/controller/snapshot/manifests/format-1-networks.json)

cofferdam_test(directory_store_fault_test
  SOURCES
    tests/controller/archive/temporary_directory.cc
    tests/controller/snapshot/directory_store_fault_test.cc
    tests/controller/snapshot/report_files_test.cc
    tests/controller/snapshot/system_faults.cc
    tests/controller/snapshot/written_snapshot.cc
  LIBS controller_snapshot)
foreach(call open mkdir write pwrite ftruncate fsync renameat2 unlink unlinkat)
  target_link_options(directory_store_fault_test PRIVATE LINKER:--wrap=${call})
endforeach()
