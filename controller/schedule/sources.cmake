cofferdam_library(controller_schedule
  SOURCES controller/schedule/cron.cc controller/schedule/due.cc controller/schedule/fire_times.cc
  LIBS controller_calendar)
