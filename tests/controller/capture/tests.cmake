# A small stack on a fake engine, for captures and restores.
add_library(shop_fixture STATIC
  tests/controller/capture/capture_fixture.cc
  tests/controller/capture/fake_databases.cc
  tests/controller/capture/scripted_agents.cc
)
target_link_libraries(shop_fixture PUBLIC house_rules controller_recovery fakes)

cofferdam_test(capture_test
  SOURCES
    tests/controller/capture/capture_fault_test.cc
    tests/controller/capture/capture_hooks_test.cc
    tests/controller/capture/capture_test.cc
  LIBS shop_fixture fake_shell
)
