cofferdam_library(controller_calendar SOURCES controller/calendar/daylight_rule.cc controller/calendar/time_zone.cc LIBS date::date-tz)
