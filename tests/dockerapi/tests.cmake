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
