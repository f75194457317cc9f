cofferdam_test(access_test
  SOURCES
    tests/controller/access/address_range_test.cc
    tests/controller/access/audit_log_test.cc
    tests/controller/access/login_throttle_test.cc
    tests/controller/access/scope_test.cc
    tests/controller/access/sessions_test.cc
    tests/controller/access/tokens_test.cc
    tests/controller/access/users_test.cc
  LIBS controller_access)
