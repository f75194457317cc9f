cofferdam_test(archive_test
  SOURCES
    tests/controller/archive/artifact_test.cc
    tests/controller/archive/compression_test.cc
    tests/controller/archive/exclusion_test.cc
    tests/controller/archive/hostile_archive_test.cc
    tests/controller/archive/polite_reader_test.cc
    tests/controller/archive/tar_builder.cc
    tests/controller/archive/temporary_directory.cc
    tests/controller/archive/torture_tree.cc
    tests/controller/archive/tree_fingerprint.cc
    tests/controller/archive/tree_removal_test.cc
    tests/controller/archive/tree_scan_test.cc
    tests/controller/archive/user_namespace_test.cc
    tests/controller/archive/volume_archive_test.cc
  LIBS controller_archive)

cofferdam_test(archive_fault_test
  SOURCES
    tests/controller/archive/archive_fault_test.cc
    tests/controller/archive/broken_disk.cc
    tests/controller/archive/temporary_directory.cc
  LIBS controller_archive)
foreach(call pread preadv2 pwrite fchown futimens syncfs)
  target_link_options(archive_fault_test PRIVATE LINKER:--wrap=${call})
endforeach()
