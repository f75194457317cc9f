cofferdam_library(controller_restore
  SOURCES
    controller/restore/database_restore.cc
    controller/restore/restore.cc
    controller/restore/restore_plan.cc
    controller/restore/volume_restore.cc
  LIBS controller_capture)
