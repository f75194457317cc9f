cofferdam_test(plugin_test
  SOURCES
    tests/plugin/attended_run_test.cc
    tests/plugin/call_test.cc
    tests/plugin/run_plugin_test.cc
    tests/plugin/sidecar_test.cc
    tests/plugin/stack_folder_test.cc
  LIBS docker_plugin)
