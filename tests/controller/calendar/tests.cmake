cofferdam_test(calendar_test
  SOURCES tests/controller/calendar/daylight_rule_test.cc tests/controller/calendar/time_zone_test.cc
  LIBS controller_calendar)
