#include "controller/cli/config_in_force.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/fakes/kept_lines.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string problem_of(const std::string& yaml) {
  try {
    read_served_config(
        {}, [](const std::string&) { return std::nullopt; }, yaml);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "none";
}

TEST(ServedConfig, IsCheckedInAllItsParts) {
  EXPECT_EQ(problem_of(""), "none");
  EXPECT_THAT(problem_of("volumes: {db: {mode: stopp}}"), HasSubstr("config file, line 1"));
  EXPECT_THAT(problem_of("services: {db: {backup: yess}}"), HasSubstr("neither true nor false"));
  EXPECT_THAT(problem_of("services: {db: {schedule.a: '@daily'}}"), HasSubstr("below schedules"));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '99 * * * *'}}"), HasSubstr("99"));
  EXPECT_THAT(problem_of("destinations: {off: {bucket: b}}"), HasSubstr("off"));
  EXPECT_THAT(problem_of("notifications: {a: {url: 'none://x'}}"), HasSubstr("notification a"));
  EXPECT_THAT(problem_of("schedules: {a: {cron: '@daily'"), HasSubstr("config file, line"));
  EXPECT_THAT(problem_of("schedule: {a: {cron: '@daily'}}"), HasSubstr("did you mean schedules"));
}

TEST(ServedConfig, IsToldOfAllThatIsWrongWithItsForm) {
  EXPECT_THAT(problem_of("volumes: {db: {mode: stopp}, files: {backup: 7}}"),
              testing::AllOf(HasSubstr("stopp"), HasSubstr("\"7\"")));
}

class ConfigInForceTest : public testing::Test {
 protected:
  ConfigInForceTest() { settings_.config = folder_.path() / "config.yaml"; }

  void write(const std::string& text) { std::ofstream(settings_.config) << text; }

  ConfigInForce config() {
    return {settings_, [](const std::string&) { return std::nullopt; }};
  }

  /// Two looks, as nothing counts that may still be written.
  bool look_twice(ConfigInForce& config) {
    const bool first = config.look(lines_);
    return config.look(lines_) || first;
  }

  static std::vector<std::string> names(const ConfigInForce& config) {
    std::vector<std::string> names;
    for (const auto& [name, setting] : config.now().schedules) {
      names.push_back(name);
    }
    return names;
  }

  TemporaryFolder folder_;
  Settings settings_;
  fakes::KeptLines lines_;
};

constexpr const char* kNightly = "schedules: {nightly: {cron: '@daily'}}\n";
constexpr const char* kHourly = "schedules: {hourly: {cron: '@hourly'}}\n";

TEST_F(ConfigInForceTest, IsReplacedAsAWhole) {
  write(kNightly);
  auto config = this->config();
  EXPECT_FALSE(look_twice(config)) << "nothing has changed";

  write(std::string(kHourly) + "notifications: {phone: {url: 'ntfy://ntfy.sh/t'}}\n");

  EXPECT_TRUE(look_twice(config));
  EXPECT_THAT(names(config), ElementsAre("hourly"));
  ASSERT_EQ(config.now().notifications.targets.size(), 1U);
  EXPECT_EQ(config.now().notifications.targets.front().name, "phone");
  EXPECT_FALSE(look_twice(config)) << "it is in force already";
  EXPECT_THAT(lines_.warnings, IsEmpty());
}

TEST_F(ConfigInForceTest, WaitsUntilWhoeverWritesHasDoneSo) {
  write(kNightly);
  auto config = this->config();

  write("");
  EXPECT_FALSE(config.look(lines_));
  write(kHourly);
  EXPECT_FALSE(config.look(lines_));
  EXPECT_THAT(names(config), ElementsAre("nightly"));
  EXPECT_TRUE(config.look(lines_));
  EXPECT_THAT(names(config), ElementsAre("hourly"));
}

TEST_F(ConfigInForceTest, StaysAsItWasWhereAnyPartIsWrong) {
  write(kNightly);
  auto config = this->config();
  const auto before = config.standing();

  write(std::string(kHourly) + "volumes: {db: {mode: stopp}}\n");

  EXPECT_FALSE(look_twice(config));
  EXPECT_FALSE(look_twice(config));
  EXPECT_THAT(names(config), ElementsAre("nightly"));
  EXPECT_THAT(lines_.warnings, ElementsAre(HasSubstr("config file, line 2")));
  EXPECT_FALSE(config.standing().good);
  EXPECT_EQ(config.standing().good_at, before.good_at);
}

TEST_F(ConfigInForceTest, HeedsAFileThatWasMended) {
  write(kNightly);
  auto config = this->config();
  write("schedules: [");
  look_twice(config);

  write(kNightly);

  EXPECT_TRUE(look_twice(config));
  EXPECT_TRUE(config.standing().good);
  EXPECT_THAT(lines_.warnings, testing::SizeIs(1));
}

TEST_F(ConfigInForceTest, TakesAFileThatIsGoneForAMistake) {
  write(kNightly);
  auto config = this->config();

  fs::remove(settings_.config);

  EXPECT_FALSE(look_twice(config));
  EXPECT_THAT(names(config), ElementsAre("nightly"));
  EXPECT_THAT(lines_.warnings, ElementsAre(HasSubstr("is gone")));
}

TEST_F(ConfigInForceTest, NeedsNoFile) {
  auto config = this->config();
  EXPECT_FALSE(look_twice(config));
  EXPECT_TRUE(config.standing().good);

  write(kNightly);

  EXPECT_TRUE(look_twice(config));
  EXPECT_THAT(names(config), ElementsAre("nightly"));
}

TEST_F(ConfigInForceTest, IsExpectedByJobsWhereItIsAFile) {
  const std::string expected = "COFFERDAM_CONFIG_EXPECTED=1";
  auto config = this->config();
  EXPECT_THAT(environment_of_jobs(config), Not(Contains(expected)));

  write(kNightly);
  look_twice(config);
  EXPECT_THAT(environment_of_jobs(config), Contains(expected));

  fs::remove(settings_.config);
  look_twice(config);
  EXPECT_THAT(environment_of_jobs(config), Contains(expected));
}

TEST_F(ConfigInForceTest, TakesNoFolderForAFile) {
  fs::create_directory(settings_.config);

  EXPECT_THROW(config(), SettingError);
}

TEST_F(ConfigInForceTest, ReadsFilesThatItNamesAgainWhenItIsTouched) {
  const auto secret = folder_.path() / "url";
  std::ofstream(secret) << "ntfy://ntfy.sh/old";
  write("notifications: {phone: {url_file: '" + secret.string() + "'}}\n");
  auto config = this->config();
  std::ofstream(secret) << "gotify://gotify.example.org/token";

  fs::last_write_time(settings_.config,
                      fs::last_write_time(settings_.config) + std::chrono::seconds(1));

  EXPECT_TRUE(look_twice(config));
  EXPECT_EQ(config.now().notifications.targets.front().service, NotifyService::Gotify);
}

}  // namespace
}  // namespace controller
