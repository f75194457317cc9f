# In-memory stand-ins that the tests of every folder may link.
add_library(fakes STATIC
  tests/fakes/created_container.cc
  tests/fakes/fake_engine.cc
  tests/fakes/fake_world.cc
  tests/fakes/faulty_engine.cc
  tests/fakes/scripted_process.cc
)
target_link_libraries(fakes PUBLIC house_rules Threads::Threads dockerapi)

cofferdam_test(fakes_test
  SOURCES tests/fakes/fake_engine_test.cc
  LIBS fakes
)

# On FakeEngine always; on a real engine too if COFFERDAM_TEST_ENGINE holds its DOCKER_HOST.
cofferdam_test(engine_test
  SOURCES
    tests/dockerapi/engine_contract_test.cc
    tests/dockerapi/engine_traps_test.cc
    tests/dockerapi/engine_world.cc
    tests/dockerapi/tiny_image.cc
  LIBS fakes
)

cofferdam_test(dockerapi_test
  SOURCES
    tests/dockerapi/certificates.cc
    tests/dockerapi/endpoint_test.cc
    tests/dockerapi/engine_json_test.cc
    tests/dockerapi/engine_world.cc
    tests/dockerapi/event_feed_test.cc
    tests/dockerapi/frame_decoder_test.cc
    tests/dockerapi/http_message_test.cc
    tests/dockerapi/tiny_image.cc
    tests/dockerapi/tiny_server.cc
    tests/dockerapi/transport_test.cc
  LIBS fakes
)

# Restarts the engine, so nothing else may run meanwhile.
add_executable(engine_restart_test
  tests/dockerapi/engine_restart_test.cc
  tests/dockerapi/engine_world.cc
  tests/dockerapi/tiny_image.cc
)
target_link_libraries(engine_restart_test PRIVATE fakes GTest::gtest GTest::gtest_main)
target_compile_definitions(engine_restart_test PRIVATE COFFERDAM_SCRIPTS="${CMAKE_SOURCE_DIR}/scripts")
gtest_discover_tests(engine_restart_test
  DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 180 RUN_SERIAL TRUE)
