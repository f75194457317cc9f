cofferdam_test(jobs_test
  SOURCES
    tests/controller/jobs/job_book_test.cc
  LIBS controller_jobs)
