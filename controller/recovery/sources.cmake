cofferdam_library(controller_recovery
  SOURCES
    controller/recovery/hook_recovery.cc
    controller/recovery/replay.cc
    controller/recovery/swap_recovery.cc
  LIBS controller_restore controller_drill)
