#include "controller/cli/destination_retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/destination_settings.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Variables = std::map<std::string, std::string>;

Environment environment_of(const Variables& variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

std::map<std::string, RetentionPolicy> read(const Variables& variables,
                                            const std::string& yaml = "") {
  return read_destination_retention(environment_of(variables), yaml);
}

/// As all destinations are read.
std::string problem(const Variables& variables, const std::string& yaml) {
  try {
    read_destinations(environment_of(variables), yaml);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "none";
}

std::string far_with(const std::string& retention) {
  return "destinations:\n  far: {bucket: b, access_key_id: k, secret_access_key: s, retention: " +
         retention + "}\n";
}

TEST(DestinationRetention, IsNoneUnlessItIsSaid) {
  EXPECT_THAT(read({{"BACKUP_RETENTION_DAILY", "7"}, {"COFFERDAM_KEEP_DAILY", "7"}}), IsEmpty());
  EXPECT_THAT(read({{"COFFERDAM_S3_KEEP_DAILY", "0"}}, far_with("{}")), IsEmpty());
}

TEST(DestinationRetention, IsSaidByVariablesOrTheFile) {
  RetentionPolicy rules;
  rules.daily = 7;
  rules.within = std::chrono::hours(48);
  rules.weekly_on = std::chrono::Sunday;

  EXPECT_THAT(read({{"COFFERDAM_S3_KEEP_DAILY", "7"},
                    {"COFFERDAM_S3_KEEP_WITHIN", "48h"},
                    {"COFFERDAM_S3_KEEP_WEEKLY_ON", "sunday"}}),
              ElementsAre(Pair("s3", rules)));
  EXPECT_THAT(read({}, far_with("{daily: 7, within: 48h, weekly-on: sunday}")),
              ElementsAre(Pair("far", rules)));
}

TEST(DestinationRetention, IsRefusedWithTheDestination) {
  EXPECT_THAT(problem({{"COFFERDAM_S3_KEEP_LAST", "many"}}, ""),
              HasSubstr("COFFERDAM_S3_KEEP_LAST"));
  EXPECT_THAT(problem({}, far_with("{dayly: 7}")),
              HasSubstr("destination far: retention.dayly is unknown (did you mean"));
  EXPECT_THAT(problem({}, far_with("7")), HasSubstr("map rules to numbers"));
  EXPECT_EQ(problem({}, far_with("{daily: 7}")), "none");
}

}  // namespace
}  // namespace controller
