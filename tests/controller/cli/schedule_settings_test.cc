#include "controller/cli/schedule_settings.h"

#include <gmock/gmock.h>

#include "controller/cli/figure_source.h"
#include "controller/cli/schedule_views.h"
#include "controller/cli/scheduler.h"

namespace controller {
namespace {

using std::chrono::hours;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr sys_seconds kMidnight = sys_days(2026y / 11 / 20);

std::vector<ScheduledCapture> read(const std::string& yaml, const Settings& settings = {}) {
  Complaints complaints;
  const auto file = read_policy_file(yaml, complaints);
  EXPECT_TRUE(complaints.empty()) << complaints.front();
  return read_schedules(settings, file.schedules, "shop");
}

std::string problem_of(const std::string& yaml, const Settings& settings = {}) {
  try {
    read(yaml, settings);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "none";
}

Settings with_schedule(const std::string& cron) {
  Settings settings;
  settings.schedule = cron;
  settings.schedule_variable = "BACKUP_SCHEDULE";
  return settings;
}

TEST(ScheduleSettingsTest, ReadsAllOfASchedule) {
  const auto schedules = read(
      "schedules:\n"
      "  nightly: {cron: '30 2 * * *', time-zone: Europe/Berlin, services: [db, files],\n"
      "            missed: 12h, overlap: queue}\n"
      "  weekly: {cron: '@weekly', missed: never}\n");
  ASSERT_EQ(schedules.size(), 2U);
  const auto& [nightly, services, retention, made] = schedules[0];
  EXPECT_FALSE(made);
  EXPECT_FALSE(retention);
  EXPECT_EQ(nightly.name, "nightly");
  EXPECT_EQ(nightly.cron.text, "30 2 * * *");
  EXPECT_EQ(nightly.zone.name(), "Europe/Berlin");
  EXPECT_EQ(nightly.make_up_within, hours{12});
  EXPECT_EQ(nightly.overlap, Overlap::Queue);
  EXPECT_THAT(services, ElementsAre("db", "files"));
  EXPECT_EQ(schedules[1].schedule.make_up_within.count(), 0);
  EXPECT_EQ(schedules[1].schedule.zone.name(), "UTC");
  EXPECT_TRUE(schedules[1].services.empty());
}

TEST(ScheduleSettingsTest, TakesTheEnvironmentsAsDefault) {
  auto settings = with_schedule("0 2 * * *");
  settings.time_zone = "Asia/Kathmandu";
  const auto schedules = read("schedules: {weekly: {cron: '@weekly'}}", settings);
  ASSERT_EQ(schedules.size(), 2U);
  EXPECT_EQ(schedules[1].schedule.name, "default");
  EXPECT_EQ(schedules[0].schedule.zone.name(), "Asia/Kathmandu");
  EXPECT_THAT(problem_of("schedules: {default: {cron: '@weekly'}}", settings),
              testing::AllOf(HasSubstr("config file, line 1"), HasSubstr("BACKUP_SCHEDULE")));
}

TEST(ScheduleSettingsTest, TakesTheUsualOneWhereThereIsNoOther) {
  Settings settings;
  settings.usual_schedule = "0 2 * * *";
  const auto schedules = read("", settings);
  ASSERT_EQ(schedules.size(), 1U);
  EXPECT_EQ(schedules[0].schedule.name, "default");
  EXPECT_EQ(schedules[0].schedule.cron.text, "0 2 * * *");
  EXPECT_EQ(schedules[0].schedule.zone.name(), "UTC");

  const auto own = read("schedules: {weekly: {cron: '@weekly'}}", settings);
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].schedule.name, "weekly");
  settings.schedule = "@hourly";
  EXPECT_EQ(read("", settings).at(0).schedule.cron.text, "@hourly");
}

TEST(ScheduleSettingsTest, CountsForThemselvesThoseWithRulesOrServicesOfTheirOwn) {
  Settings settings;
  settings.retention.daily = 3;
  const auto policies = retention_of(
      settings,
      read("schedules:\n"
           "  plain: {cron: '@daily'}\n"
           "  files: {cron: '@hourly', services: [files]}\n"
           "  own: {cron: '@daily', retention: {last: 1, hourly: 2, daily: 3, weekly: 4,\n"
           "        monthly: 5, yearly: 6, within: 7d, weekly-on: saturday}}\n"));
  EXPECT_EQ(policies.usual.daily, 3);
  EXPECT_EQ(policies.of_schedules.size(), 2U);
  EXPECT_EQ(policies.of_schedules.at("files"), settings.retention);
  EXPECT_EQ(policies.of_schedules.at("own"),
            (RetentionPolicy{1, 2, 3, 4, 5, 6, hours(7 * 24), std::chrono::Saturday}));
  EXPECT_TRUE(has_rules(policies));
  EXPECT_FALSE(has_rules(retention_of({}, read("schedules: {plain: {cron: '@daily'}}"))));
}

TEST(ScheduleSettingsTest, NamesWhatCannotBeMeant) {
  EXPECT_THAT(problem_of("schedules: {a: {cron: '99 2 * * *'}}"),
              testing::AllOf(HasSubstr("config file, line 1: cron"), HasSubstr("99")));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '0 0 30 2 *'}}"), HasSubstr("cron"));
  EXPECT_THAT(problem_of("schedules: {a: {crom: '@daily'}}"), HasSubstr("did you mean cron"));
  EXPECT_THAT(problem_of("schedules: {a: {services: db}}"), HasSubstr("no cron expression"));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '@daily', time-zone: Mars/Base}}"),
              HasSubstr("Mars/Base"));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '@daily', overlap: both}}"),
              HasSubstr("skip or queue"));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '@daily', missed: soon}}"), HasSubstr("missed"));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '@daily', retention: {dayly: 7}}}"),
              HasSubstr("did you mean retention.daily"));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '@daily', retention: {daily: many}}}"),
              testing::AllOf(HasSubstr("config file, line 1: retention.daily"), HasSubstr("many")));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '@daily', retention: 7}}"),
              HasSubstr("map rules to numbers"));
  EXPECT_THAT(problem_of("schedules: {'a b': {cron: '@daily'}}"), HasSubstr("a b"));
  EXPECT_THAT(problem_of("", with_schedule("* *")), HasSubstr("BACKUP_SCHEDULE"));
}

TEST(ScheduleSettingsTest, TakesMinutesOfJitter) {
  const auto delay = read("schedules: {a: {cron: '@daily', jitter: 10m}}").front().schedule.delay;
  EXPECT_LE(delay, std::chrono::minutes(10));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '@daily', jitter: 10s}}"),
              HasSubstr("minutes, hours or days"));
}

TEST(ScheduleSettingsTest, ShiftsHostsApartButAlwaysAlike) {
  const std::string yaml = "schedules: {a: {cron: '@daily', jitter: 6h}}";
  const auto delay = read(yaml).front().schedule.delay;
  EXPECT_EQ(read(yaml).front().schedule.delay, delay);
  Complaints complaints;
  const auto file = read_policy_file(yaml, complaints);
  std::vector<std::chrono::seconds> others;
  for (int i = 0; i < 50; ++i) {
    others.push_back(
        read_schedules({}, file.schedules, "project " + std::to_string(i)).front().schedule.delay);
    EXPECT_GE(others.back().count(), 0);
    EXPECT_LE(others.back(), hours{6});
  }
  std::ranges::sort(others);
  EXPECT_GT(others.back() - others.front(), hours{3});
}

/// "name: setting=value …" of a service.
LabelledSchedule label(const std::string& service, const std::string& name,
                       const std::vector<std::pair<std::string, std::string>>& settings) {
  LabelledSchedule one{name, service, {}};
  for (const auto& [setting, value] : settings) {
    one.settings.push_back({setting, value, "label of " + service});
  }
  return one;
}

Timetable with_labels(const std::vector<LabelledSchedule>& labels, const std::string& yaml = "",
                      const Settings& settings = {}) {
  Complaints complaints;
  return read_timetable(settings, read_policy_file(yaml, complaints).schedules, {{}, labels},
                        "shop");
}

std::vector<std::string> names_of(const Timetable& table) {
  std::vector<std::string> names;
  for (const auto& capture : table.captures) {
    names.push_back(capture.schedule.name);
  }
  return names;
}

TEST(TimetableTest, HasTheSchedulesOfLabelsToo) {
  Settings settings;
  settings.time_zone = "Asia/Kathmandu";
  const auto table =
      with_labels({label("web", "hourly", {{"cron", "0 * * * *"}, {"missed", "never"}}),
                   label("web", "weekly", {{"cron", "@weekly"}, {"time-zone", "Europe/Berlin"}})},
                  "schedules: {nightly: {cron: '@daily'}}", settings);

  EXPECT_THAT(names_of(table), ElementsAre("nightly", "hourly", "weekly"));
  EXPECT_TRUE(table.refused.empty());
  EXPECT_EQ(table.captures[1].schedule.make_up_within.count(), 0);
  EXPECT_EQ(table.captures[1].schedule.zone.name(), "Asia/Kathmandu");
  EXPECT_EQ(table.captures[2].schedule.zone.name(), "Europe/Berlin");
}

Timetable with_made(const std::vector<MadeSchedule>& made) {
  Complaints complaints;
  return read_timetable(
      {}, read_policy_file("schedules: {nightly: {cron: '@daily'}}", complaints).schedules,
      {made, {label("web", "hourly", {{"cron", "1 * * * *"}})}}, "shop");
}

TEST(TimetableTest, HasTheSchedulesOfCommandsToo) {
  const auto table = with_made({{"hourly",
                                 {{"cron", "0 * * * *"},
                                  {"services", "db,files"},
                                  {"retention.last", "24"},
                                  {"overlap", "queue"}}}});

  ASSERT_THAT(names_of(table), ElementsAre("nightly", "hourly"));
  EXPECT_FALSE(table.captures[0].made);
  EXPECT_TRUE(table.captures[1].made);
  EXPECT_THAT(table.captures[1].services, ElementsAre("db", "files"));
  EXPECT_EQ(table.captures[1].retention->last, 24);
  ASSERT_EQ(table.refused.size(), 1U);
  EXPECT_THAT(table.refused[0].problem, HasSubstr("of `schedule set` counts"));
}

TEST(TimetableTest, SaysWhatIsWrongWithAScheduleOfACommand) {
  const auto table = with_made({{"nightly", {{"cron", "@daily"}}},
                                {"wrong", {{"cron", "99 * * * *"}}},
                                {"unknown", {{"cron", "@daily"}, {"misssed", "never"}}},
                                {"empty", {}},
                                {"a b", {{"cron", "@daily"}}}});

  EXPECT_THAT(names_of(table), ElementsAre("nightly", "hourly"));
  ASSERT_EQ(table.refused.size(), 5U);
  EXPECT_THAT(table.refused[0].problem, HasSubstr("of the settings or the config file counts"));
  EXPECT_EQ(table.refused[1].cron, "99 * * * *");
  EXPECT_THAT(table.refused[2].problem, HasSubstr("did you mean"));
  EXPECT_THAT(table.refused[3].problem, HasSubstr("no cron expression"));
  EXPECT_THAT(table.refused[4].problem, HasSubstr("its name should be"));
  for (const auto& one : table.refused) {
    EXPECT_TRUE(one.made);
  }
}

TEST(TimetableTest, LeavesANameToWhoeverHasItFirst) {
  const auto table = with_labels(
      {label("db", "nightly", {{"cron", "1 1 * * *"}}),
       label("db", "default", {{"cron", "@daily"}}), label("db", "hourly", {{"cron", "1 * * * *"}}),
       label("web", "hourly", {{"cron", "@hourly"}})},
      "schedules: {nightly: {cron: '@daily'}}", with_schedule("0 2 * * *"));

  EXPECT_THAT(names_of(table), ElementsAre("nightly", "default", "hourly"));
  EXPECT_EQ(table.captures[2].schedule.cron.text, "1 * * * *");
  ASSERT_EQ(table.refused.size(), 3U);
  EXPECT_EQ(table.refused[0].problem,
            "label of db: the schedule nightly of the settings or the config file counts; give "
            "this one another name");
  EXPECT_EQ(table.refused[1].name, "default");
  EXPECT_THAT(table.refused[2].problem,
              testing::AllOf(HasSubstr("label of web"), HasSubstr("of service db counts")));
}

TEST(TimetableTest, DoesNotLoseOthersForALabelThatIsWrong) {
  const auto table = with_labels(
      {label("a", "one", {{"cron", "99 2 * * *"}}), label("a", "two", {{"cron", "0 0 30 2 *"}}),
       label("a", "three", {{"missed", "never"}}), label("a", "", {{"cron", "@daily"}}),
       label("a", "four", {{"cron", "@daily"}, {"retention.daily", "7"}}),
       label("a", "five", {{"cron", "@daily"}, {"services", "db"}}),
       label("a", "six", {{"cron", "@daily"}, {"misssed", "never"}}),
       label("a", "seven", {{"cron", "@daily"}})});

  EXPECT_THAT(names_of(table), ElementsAre("seven"));
  ASSERT_EQ(table.refused.size(), 7U);
  EXPECT_EQ(table.refused[0].cron, "99 2 * * *");
  EXPECT_THAT(table.refused[0].problem, HasSubstr("99"));
  EXPECT_THAT(table.refused[1].problem, HasSubstr("label of a: cron"));
  EXPECT_THAT(table.refused[2].problem, HasSubstr("no cron expression"));
  EXPECT_THAT(table.refused[3].problem, HasSubstr("cofferdam.schedule.NAME"));
  EXPECT_THAT(table.refused[4].problem, HasSubstr("only the config file"));
  EXPECT_THAT(table.refused[5].problem, HasSubstr("only the config file"));
  EXPECT_THAT(table.refused[6].problem, HasSubstr("did you mean missed"));
}

TEST(ScheduleViewsTest, ShowsTheNextTimesInTheirZone) {
  const auto captures = read("schedules: {a: {cron: '30 2 * * *', time-zone: Europe/Berlin}}");
  const std::vector<ScheduleStanding> standings = {
      {captures.front(), fresh_record(kMidnight), std::nullopt}};
  EXPECT_THAT(next_text(standings, kMidnight),
              testing::AllOf(HasSubstr("a (30 2 * * *, Europe/Berlin)"),
                             HasSubstr("2026-11-20 02:30 +01:00"), HasSubstr("2026-11-24")));
  EXPECT_THAT(next_json(standings, kMidnight), HasSubstr("\"2026-11-20T01:30:00Z\""));
}

TEST(ScheduleViewsTest, FlagsWhatIsOverdue) {
  const auto captures = read("schedules: {a: {cron: '30 2 * * *'}}");
  auto record = fresh_record(kMidnight);
  begin_run(record, "a-1", kMidnight + hours{3});
  end_run(record, RunOutcome::Failed, 1, kMidnight + hours{3});
  const ScheduleList list{{{captures.front(), record, kMidnight + 9000s}}, {}};
  EXPECT_THAT(schedules_text(list, kMidnight + hours{4}),
              testing::AllOf(HasSubstr("OVERDUE since 2026-11-20 02:30"), HasSubstr("exit 1"),
                             HasSubstr("2026-11-21 02:30")));
  EXPECT_THAT(schedules_json(list, kMidnight + hours{4}),
              testing::AllOf(HasSubstr("\"overdue_since\":\"2026-11-20T02:30:00Z\""),
                             HasSubstr("\"exit_code\":1"), HasSubstr("\"snapshot\":\"a-1\"")));
}

TEST(ScheduleViewsTest, ShowsWhatALabelGotWrong) {
  const ScheduleList list{{}, {{"a", "99 * * * *", "label x: minute"}}};
  EXPECT_EQ(schedules_text(list, kMidnight),
            "no schedules\nERROR, not scheduled: label x: minute\n");
  EXPECT_THAT(
      schedules_json(list, kMidnight),
      testing::AllOf(HasSubstr("\"name\":\"a\",\"cron\":\"99 * * * *\""),
                     HasSubstr("\"next\":null"), HasSubstr("\"problem\":\"label x: minute\"")));
}

TEST(ExpectedInterval, IsTheLongestGapOfTheMostFrequentSchedule) {
  const auto interval = [](const std::string& yaml) {
    std::vector<Schedule> schedules;
    for (const auto& capture : read(yaml)) {
      schedules.push_back(capture.schedule);
    }
    return expected_interval(schedules, kMidnight);
  };

  EXPECT_EQ(interval("schedules: {daily: {cron: '0 2 * * *'}, weekly: {cron: '0 3 * * sun'}}"),
            hours{24});
  EXPECT_EQ(interval("schedules: {workdays: {cron: '0 2 * * mon-fri'}}"), hours{72});
  EXPECT_EQ(interval(""), std::nullopt);
}

}  // namespace
}  // namespace controller
