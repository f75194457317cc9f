# In-memory stand-ins that the tests of every folder may link.
add_library(fakes STATIC
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
    tests/dockerapi/engine_world.cc
    tests/dockerapi/tiny_image.cc
  LIBS fakes
)
