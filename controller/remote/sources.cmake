cofferdam_library(controller_remote
  SOURCES
    controller/remote/copy_notes.cc
    controller/remote/curl_client.cc
    controller/remote/destination_probe.cc
    controller/remote/file_upload.cc
    controller/remote/object_body.cc
    controller/remote/remote_snapshots.cc
    controller/remote/s3_address.cc
    controller/remote/s3_caller.cc
    controller/remote/s3_failure.cc
    controller/remote/s3_objects.cc
    controller/remote/sigv4.cc
    controller/remote/snapshot_copy.cc
    controller/remote/snapshot_fetch.cc
    controller/remote/xml_answer.cc
  LIBS controller_archive controller_clock controller_snapshot controller_units nlohmann_json::nlohmann_json CURL::libcurl EXPAT::EXPAT
       OpenSSL::Crypto)
