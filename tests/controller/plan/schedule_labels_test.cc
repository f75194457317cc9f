#include "controller/plan/schedule_labels.h"

#include <gtest/gtest.h>

#include "tests/compose/stack_text.h"

namespace controller {
namespace {

/// "service/name: setting=value …", a line for each.
std::string said(const std::string& stack) {
  std::string text;
  for (const auto& one : schedule_labels(compose_test::stack_of(stack))) {
    text += one.service + "/" + one.name + ":";
    for (const auto& setting : one.settings) {
      text += " " + setting.name + "=" + setting.value;
    }
    text += "\n";
  }
  return text;
}

TEST(ScheduleLabels, AreAnExpressionAndWhatGoesWithIt) {
  EXPECT_EQ(said("service web label=cofferdam.schedule.b=@daily label=cofferdam.backup=true "
                 "label=cofferdam.schedule.a=@hourly label=cofferdam.schedule.a.missed=never\n"
                 "service db label=cofferdam.schedule.a.retention.daily=7\n"),
            "db/a: retention.daily=7\n"
            "web/a: cron=@hourly missed=never\n"
            "web/b: cron=@daily\n");
}

TEST(ScheduleLabels, NameTheirPlace) {
  const auto labels =
      schedule_labels(compose_test::stack_of("service web label=cofferdam.schedule.a=@daily\n"));

  EXPECT_EQ(labels.front().settings.front().place, "label cofferdam.schedule.a of service web");
}

// Whoever forgets the name must hear of it.
TEST(ScheduleLabels, AreThereAlsoWithoutAName) {
  EXPECT_EQ(said("service web label=cofferdam.schedule=@daily\n"), "web/: cron=@daily\n");
  EXPECT_EQ(said("service web label=cofferdam.schedule.=@daily\n"), "web/: cron=@daily\n");
  EXPECT_EQ(said("service web label=cofferdam.scheduler=@daily\n"), "");
}

TEST(ScheduleLabels, AreThoseOfTheNewestContainerAndOfServicesOnly) {
  EXPECT_EQ(said("service web n=1 label=cofferdam.schedule.a=@daily "
                 "label=cofferdam.schedule.old=@daily\n"
                 "service web n=2 label=cofferdam.schedule.a=@hourly\n"
                 "service web oneoff label=cofferdam.schedule.b=@daily\n"
                 "service other project=strange label=cofferdam.schedule.c=@daily\n"),
            "web/a: cron=@hourly\n");
}

}  // namespace
}  // namespace controller
