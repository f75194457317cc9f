cofferdam_test(remote_test
  SOURCES
    tests/controller/remote/curl_client_test.cc
    tests/controller/archive/temporary_directory.cc
    tests/controller/remote/s3_objects_test.cc
    tests/controller/remote/sigv4_test.cc
    tests/controller/remote/snapshot_copy_test.cc
    tests/controller/remote/xml_answer_test.cc
    tests/controller/snapshot/example_manifest.cc
    tests/controller/snapshot/written_snapshot.cc
    tests/dockerapi/certificates.cc
    tests/dockerapi/tiny_server.cc
    tests/fakes/memory_s3.cc
  LIBS controller_remote dockerapi)
