# Tests of controller/plan.
cofferdam_test(plan_test
  SOURCES
    tests/controller/plan/capture_plan_test.cc
    tests/controller/plan/detections_test.cc
    tests/controller/plan/hook_test.cc
    tests/controller/plan/plan_text_test.cc
    tests/controller/plan/policy_test.cc
    tests/controller/plan/schedule_labels_test.cc
  LIBS controller_plan stack_text fakes)
