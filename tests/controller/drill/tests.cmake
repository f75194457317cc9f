cofferdam_test(drill_test
  SOURCES
    tests/controller/drill/drill_plan_test.cc
    tests/controller/drill/drill_fault_test.cc
  LIBS shop_fixture stack_text
)
