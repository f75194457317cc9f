cofferdam_library(controller_drill
  SOURCES
    controller/drill/boot.cc
    controller/drill/drill.cc
    controller/drill/drill_container.cc
    controller/drill/drill_databases.cc
    controller/drill/drill_mounts.cc
    controller/drill/drill_plan.cc
    controller/drill/drill_sight.cc
    controller/drill/drill_site.cc
    controller/drill/drill_volumes.cc
  LIBS controller_capture)
