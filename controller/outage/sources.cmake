cofferdam_library(controller_outage
  SOURCES
    controller/outage/bring_back.cc
    controller/outage/health_wait.cc
    controller/outage/journal.cc
    controller/outage/outage.cc
    controller/outage/statement.cc
  LIBS controller_clock dockerapi compose controller_plan PkgConfig::SQLITE)
