cofferdam_test(agent_test
  SOURCES
    tests/controller/agent/agent_capture_test.cc
    tests/controller/agent/agent_channel_test.cc
    tests/controller/agent/agent_drill_test.cc
    tests/controller/agent/agent_restore_test.cc
    tests/controller/agent/agent_under_test.cc
    tests/controller/agent/protocol_test.cc
    tests/controller/archive/temporary_directory.cc
  LIBS controller_agent)
