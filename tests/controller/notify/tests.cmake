cofferdam_test(notify_test
  SOURCES
    tests/controller/notify/address_rule_test.cc
    tests/controller/notify/curl_courier_test.cc
    tests/controller/notify/notify_request_test.cc
    tests/controller/notify/notify_url_test.cc
    tests/controller/notify/outbox_test.cc
    tests/dockerapi/certificates.cc
    tests/dockerapi/tiny_server.cc
  LIBS controller_notify dockerapi)
