cofferdam_test(schedule_test
  SOURCES tests/controller/schedule/cron_test.cc tests/controller/schedule/due_test.cc tests/controller/schedule/fire_times_test.cc tests/controller/schedule/schedule_book_test.cc
  LIBS controller_schedule)
