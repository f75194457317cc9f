cofferdam_library(controller_outage
  SOURCES
    controller/clock.cc
    controller/outage/bring_back.cc
    controller/outage/journal.cc
    controller/outage/outage.cc
  LIBS dockerapi compose controller_plan PkgConfig::SQLITE)
