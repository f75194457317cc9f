cofferdam_library(controller_schedule
  SOURCES controller/schedule/cron.cc controller/schedule/due.cc controller/schedule/fire_times.cc
    controller/schedule/schedule_book.cc controller/schedule/schedule_progress.cc controller/schedule/scheduled_name.cc
  LIBS controller_calendar controller_outage controller_snapshot PkgConfig::SQLITE)
