cofferdam_library(controller_jobs
  SOURCES
    controller/jobs/job_book.cc
    controller/jobs/job_lock.cc
  LIBS controller_clock controller_outage PkgConfig::SQLITE)
