# Tests of compose.
add_library(stack_text STATIC tests/compose/stack_text.cc)
target_link_libraries(stack_text PUBLIC compose)

cofferdam_test(compose_test
  SOURCES
    tests/compose/own_container_test.cc
    tests/compose/stack_test.cc
    tests/compose/start_order_test.cc
    tests/compose/volume_kind_test.cc
  LIBS stack_text fakes)
