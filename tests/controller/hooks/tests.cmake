# A shell for containers of the fake engine.
add_library(fake_shell STATIC tests/controller/hooks/fake_shell.cc)
target_link_libraries(fake_shell PUBLIC house_rules fakes)

cofferdam_test(hooks_test
  SOURCES
    tests/controller/hooks/hook_output_test.cc
    tests/controller/hooks/job_hooks_test.cc
    tests/controller/hooks/run_hooks_test.cc
  LIBS controller_hooks fake_shell shop_fixture
)
