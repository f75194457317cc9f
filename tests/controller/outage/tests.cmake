cofferdam_test(outage_test
  SOURCES
    tests/controller/outage/journal_test.cc
    tests/controller/outage/outage_fault_test.cc
    tests/controller/outage/outage_test.cc
  LIBS controller_outage fakes
)
