cofferdam_library(controller_hooks
  SOURCES
    controller/hooks/deadline.cc
    controller/hooks/hook_output.cc
    controller/hooks/hook_process.cc
    controller/hooks/hook_step.cc
    controller/hooks/job_hooks.cc
    controller/hooks/run_hooks.cc
  LIBS controller_outage controller_plan controller_database controller_snapshot dockerapi
       nlohmann_json::nlohmann_json)
