cofferdam_test(api_test
  SOURCES
    tests/controller/api/api_gate_test.cc
    tests/controller/api/event_frames_test.cc
    tests/controller/api/event_ring_test.cc
    tests/controller/api/fields_test.cc
    tests/controller/api/http_front_test.cc
    tests/controller/api/openapi_test.cc
    tests/controller/api/request_guard_test.cc
    tests/controller/api/route_test.cc
    tests/controller/api/seats_test.cc
    tests/controller/api/slow_clients_test.cc
    tests/controller/api/worker_pool_test.cc
  LIBS controller_api)
