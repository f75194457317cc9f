cofferdam_test(metrics_test
  SOURCES
    tests/controller/archive/temporary_directory.cc
    tests/controller/metrics/figures_test.cc
    tests/controller/snapshot/example_manifest.cc
  LIBS controller_metrics)
