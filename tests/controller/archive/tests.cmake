cofferdam_test(archive_test
  SOURCES
    tests/controller/archive/compression_test.cc
  LIBS controller_archive)
