cofferdam_library(controller_metrics
  SOURCES
    controller/metrics/job_tally.cc
    controller/metrics/metrics_text.cc
    controller/metrics/stack_figures.cc
  LIBS controller_notify controller_jobs controller_snapshot)
