cofferdam_library(controller_retention
  SOURCES
    controller/retention/copy_candidates.cc
    controller/retention/prune.cc
    controller/retention/prune_copies.cc
    controller/retention/retention_plan.cc
    controller/retention/retention_rules.cc
    controller/retention/snapshot_candidates.cc
  LIBS controller_remote controller_schedule controller_snapshot)
