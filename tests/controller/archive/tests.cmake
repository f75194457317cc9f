cofferdam_test(archive_test
  SOURCES
    tests/controller/archive/artifact_test.cc
    tests/controller/archive/compression_test.cc
    tests/controller/archive/temporary_directory.cc
  LIBS controller_archive)
