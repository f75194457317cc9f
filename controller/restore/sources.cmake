cofferdam_library(controller_restore
  SOURCES
    controller/restore/database_restore.cc
    controller/restore/health_gate.cc
    controller/restore/placement.cc
    controller/restore/restore.cc
    controller/restore/restore_guards.cc
    controller/restore/restore_hooks.cc
    controller/restore/restore_plan.cc
    controller/restore/restore_plan_text.cc
    controller/restore/restore_source.cc
    controller/restore/restore_stops.cc
    controller/restore/rollback.cc
    controller/restore/staging_room.cc
    controller/restore/swap_scope.cc
    controller/restore/table_restore.cc
    controller/restore/volume_restore.cc
  LIBS controller_capture controller_units)
