cofferdam_library(controller_calendar SOURCES controller/calendar/time_zone.cc LIBS date::date-tz)
