cofferdam_test(agent_test
  SOURCES
    tests/controller/agent/protocol_test.cc
  LIBS controller_agent)
