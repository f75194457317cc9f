cofferdam_library(controller_remote
  SOURCES
    controller/remote/address_gate.cc
    controller/remote/curl_client.cc
    controller/remote/destination_probe.cc
    controller/remote/hmac.cc
    controller/remote/object_body.cc
    controller/remote/s3_address.cc
    controller/remote/s3_failure.cc
    controller/remote/s3_objects.cc
    controller/remote/sigv4.cc
    controller/remote/xml_answer.cc
  LIBS controller_archive controller_clock CURL::libcurl EXPAT::EXPAT OpenSSL::Crypto)
