cofferdam_test(capture_test
  SOURCES
    tests/controller/capture/capture_fault_test.cc
    tests/controller/capture/capture_fixture.cc
    tests/controller/capture/capture_test.cc
    tests/controller/capture/fake_databases.cc
    tests/controller/capture/scripted_agents.cc
  LIBS controller_recovery controller_capture fakes
)
