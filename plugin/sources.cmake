cofferdam_library(docker_plugin
  SOURCES
    plugin/attended_run.cc
    plugin/call.cc
    plugin/docker_cli.cc
    plugin/run_plugin.cc
    plugin/sidecar.cc
    plugin/spawned_line.cc
    plugin/stack_folder.cc
  LIBS nlohmann_json::nlohmann_json)

add_executable(docker-backup plugin/main.cc)
target_link_libraries(docker-backup PRIVATE docker_plugin)
# It runs on the host, whatever C library that has.  Sanitizers cannot be linked statically.
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  target_link_options(docker-backup PRIVATE -static)
endif()
