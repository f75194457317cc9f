cofferdam_library(controller_capture
  SOURCES
    controller/capture/capture.cc
    controller/capture/database_capture.cc
    controller/capture/job_scope.cc
    controller/capture/records.cc
    controller/capture/volume_capture.cc
    controller/capture/watch.cc
  LIBS controller_hooks controller_outage controller_plan controller_database controller_agent controller_snapshot
       controller_archive compose dockerapi)
