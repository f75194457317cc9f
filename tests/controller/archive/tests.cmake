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
    tests/controller/archive/volume_archive_test.cc
  LIBS controller_archive)
