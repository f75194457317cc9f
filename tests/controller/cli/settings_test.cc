#include "controller/cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using Variables = std::map<std::string, std::string>;

Settings read(const Variables& variables) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) {
    names.push_back(name);
  }
  return read_settings(
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      names);
}

std::string problem(const Variables& variables) {
  try {
    read(variables);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "none";
}

TEST(Settings, HaveDefaults) {
  const auto settings = read({});

  EXPECT_EQ(settings.store, "/backups");
  EXPECT_EQ(settings.state, "/backups/.cofferdam/state.db");
  EXPECT_EQ(settings.compression, (Compression{Compression::Method::Zstd, 3}));
  EXPECT_EQ(settings.listen_address, "127.0.0.1");
  EXPECT_EQ(settings.listen_port, 8080);
  EXPECT_FALSE(settings.stop_timeout);
  EXPECT_EQ(settings.rollback_expiry, std::chrono::hours(72));
}

TEST(Settings, AConfigFileThatServeExpectsIsNoEmptyOneWhereItIsGone) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "config.yaml";
  const Variables variables = {{"COFFERDAM_CONFIG", file.string()},
                               {"COFFERDAM_CONFIG_EXPECTED", "1"}};
  EXPECT_THAT(problem(variables), testing::HasSubstr("config.yaml is gone"));
  std::ofstream(file) << "";
  EXPECT_EQ(problem(variables), "none");
  EXPECT_EQ(problem({{"COFFERDAM_CONFIG", (folder.path() / "none").string()}}), "none");
}

TEST(Settings, KeepEverySnapshotUnlessToldWhichToKeep) {
  EXPECT_EQ(read({}).retention, RetentionPolicy());
  EXPECT_EQ(read({}).prune_grace, std::chrono::hours(72));
}

TEST(Settings, SayWhichSnapshotsToKeep) {
  const auto settings = read({{"COFFERDAM_KEEP_LAST", "1"},
                              {"COFFERDAM_KEEP_HOURLY", "2"},
                              {"COFFERDAM_KEEP_DAILY", "3"},
                              {"COFFERDAM_KEEP_WEEKLY", "4"},
                              {"COFFERDAM_KEEP_WEEKLY_ON", "saturday"},
                              {"COFFERDAM_KEEP_MONTHLY", "5"},
                              {"COFFERDAM_KEEP_YEARLY", "6"},
                              {"COFFERDAM_KEEP_WITHIN", "7d"},
                              {"COFFERDAM_PRUNE_GRACE", "0"}});

  EXPECT_EQ(settings.retention,
            (RetentionPolicy{1, 2, 3, 4, 5, 6, std::chrono::hours(7 * 24), std::chrono::Saturday}));
  EXPECT_EQ(settings.prune_grace, std::chrono::seconds(0));
}

TEST(Settings, TakeGeoLenssNamesAndItsDefaultForTheOther) {
  const auto retention = [](const Variables& variables) { return read(variables).retention; };
  RetentionPolicy expected;
  expected.daily = 7;
  expected.weekly = 2;
  expected.weekly_on = std::chrono::Sunday;

  EXPECT_EQ(retention({{"BACKUP_RETENTION_WEEKLY", "2"}}), expected);
  expected.daily = 3;
  EXPECT_EQ(retention({{"BACKUP_RETENTION_DAILY", "3"}, {"COFFERDAM_KEEP_WEEKLY", "2"}}), expected);
  expected.weekly = 4;
  EXPECT_EQ(retention({{"BACKUP_RETENTION_DAILY", "3"}}), expected);
}

// docs/products.md; GeoLens's S3_… are in destination_settings_test.cc.
TEST(Settings, TakeWhatTheProductsCallThemAsItIs) {
  const auto geolens = read({{"BACKUP_SCHEDULE", "30 3 * * *"},
                             {"BACKUP_RETENTION_DAILY", "5"},
                             {"BACKUP_RETENTION_WEEKLY", "3"},
                             {"BACKUP_S3_ENABLED", "true"},
                             {"POSTGRES_USER", "geolens"},
                             {"POSTGRES_DB", "geolens"}});
  EXPECT_EQ(geolens.schedule, "30 3 * * *");
  EXPECT_EQ(geolens.schedule_variable, "BACKUP_SCHEDULE");
  EXPECT_EQ(geolens.retention.daily, 5);
  EXPECT_EQ(geolens.retention.weekly, 3);
  EXPECT_EQ(geolens.retention.weekly_on, std::chrono::Sunday);
  EXPECT_EQ(read({{"BACKUP_DIR", "/custom/path/to/backups"}}).store, "/custom/path/to/backups");
}

TEST(Settings, AreNotChangedByWhatIsForTheProductsThemselves) {
  const auto settings = read({{"UPLOAD_DIR", "/uploads"},
                              {"DATABASE_URL", "postgres://nosdesk:pw@db/nosdesk"},
                              {"MFA_KEK_V1", "key"},
                              {"JWT_SECRET", "secret"},
                              {"POSTGRES_PASSWORD", "password"},
                              {"BETTER_AUTH_SECRET", "secret"},
                              {"OPENMAPX_SECRETS_KEY", "key"},
                              {"S3_ENDPOINT", "https://storage.example"},
                              {"S3_BUCKET", "rasters"}});
  EXPECT_EQ(settings.store, "/backups");
  EXPECT_EQ(settings.schedule + settings.usual_schedule, "");
  EXPECT_EQ(settings.retention, RetentionPolicy());
}

TEST(Settings, RunGeoLenssScheduleWhereOthersOfItsVariablesAreSet) {
  const auto usual = [](const Variables& variables) { return read(variables).usual_schedule; };

  EXPECT_EQ(usual({{"BACKUP_RETENTION_DAILY", "7"}}), "0 2 * * *");
  EXPECT_EQ(usual({{"BACKUP_RETENTION_WEEKLY", "4"}}), "0 2 * * *");
  EXPECT_EQ(usual({{"BACKUP_S3_ENABLED", "false"}}), "0 2 * * *");

  EXPECT_EQ(usual({}), "");
  EXPECT_EQ(usual({{"COFFERDAM_KEEP_DAILY", "7"}, {"S3_BUCKET", "b"}, {"BACKUP_DIR", "/b"}}), "");
  EXPECT_EQ(usual({{"BACKUP_RETENTION_DAILY", ""}}), "");
}

TEST(Settings, RunNoScheduleThatSomebodySetToNothing) {
  const auto settings = read({{"BACKUP_RETENTION_DAILY", "7"}, {"BACKUP_SCHEDULE", ""}});

  EXPECT_EQ(settings.usual_schedule, "");
  EXPECT_EQ(settings.schedule, "");
}

TEST(Settings, PreferWhatSomebodySaidToTheUsualSchedule) {
  for (const std::string name : {"COFFERDAM_SCHEDULE", "BACKUP_SCHEDULE"}) {
    const auto settings = read({{"BACKUP_RETENTION_DAILY", "7"}, {name, "@weekly"}});
    EXPECT_EQ(settings.schedule, "@weekly") << name;
    EXPECT_EQ(settings.usual_schedule, "") << name;
  }
}

TEST(Settings, RefuseWhatCannotBeKept) {
  for (const auto& [name, value] : Variables{{"COFFERDAM_KEEP_LAST", "-1"},
                                             {"COFFERDAM_KEEP_DAILY", "seven"},
                                             {"BACKUP_RETENTION_DAILY", "7d"},
                                             {"COFFERDAM_KEEP_WEEKLY_ON", "Sun"},
                                             {"COFFERDAM_KEEP_WITHIN", "7"},
                                             {"COFFERDAM_PRUNE_GRACE", "-1h"}}) {
    EXPECT_THAT(problem({{name, value}}), testing::HasSubstr(name));
  }
  EXPECT_EQ(problem({{"COFFERDAM_KEEP_DAILY", "7"}, {"BACKUP_RETENTION_DAILY", "7"}}),
            "COFFERDAM_KEEP_DAILY and BACKUP_RETENTION_DAILY are both set; set one of them");
}

TEST(Settings, AreNotWhatAHookIsTold) {
  EXPECT_EQ(problem({{"COFFERDAM_HOOK", "post-backup"},
                     {"COFFERDAM_JOB", "j"},
                     {"COFFERDAM_SNAPSHOT", "s"},
                     {"COFFERDAM_STATUS", "failed"},
                     {"COFFERDAM_REASON", "r"}}),
            "none");
}

TEST(Settings, SayWhenTheStoreIsNearlyFull) {
  const auto wanted = [](const std::string& text) {
    const auto read_back = read({{"COFFERDAM_STORAGE_LOW", text}}).storage_low;
    return std::pair(read_back.bytes, read_back.percent);
  };
  EXPECT_EQ(read({}).storage_low.percent, 5U);
  EXPECT_EQ(wanted("12%"), std::pair(std::uint64_t{0}, 12U));
  EXPECT_EQ(wanted("20g"), std::pair(std::uint64_t{20} << 30U, 0U));
  EXPECT_EQ(wanted("500m"), std::pair(std::uint64_t{500} << 20U, 0U));
  EXPECT_EQ(wanted("0"), std::pair(std::uint64_t{0}, 0U));
  for (const std::string text : {"5", "%", "100%", "0%", "-1g", "g", "1.5g", "20G"}) {
    EXPECT_THAT(problem({{"COFFERDAM_STORAGE_LOW", text}}),
                testing::HasSubstr("COFFERDAM_STORAGE_LOW"))
        << text;
  }
}

TEST(StorageRoom, IsLowAndThenEnoughOnlyAFifthAboveIt) {
  EXPECT_EQ(room_of({1000, 0}, 999, 5000), Room::Low);
  EXPECT_EQ(room_of({1000, 0}, 1000, 5000), Room::Scarce);
  EXPECT_EQ(room_of({1000, 0}, 1199, 5000), Room::Scarce);
  EXPECT_EQ(room_of({1000, 0}, 1200, 5000), Room::Enough);
  EXPECT_EQ(room_of({0, 10}, 499, 5000), Room::Low);
  EXPECT_EQ(room_of({0, 10}, 600, 5000), Room::Enough);
  EXPECT_EQ(room_of({}, 0, 5000), Room::Enough);
}

TEST(Settings, LimitTheMemoryOfAgents) {
  EXPECT_EQ(read({}).agent_memory, std::int64_t{512} << 20);
  EXPECT_EQ(read({{"COFFERDAM_AGENT_MEMORY", "64m"}}).agent_memory, std::int64_t{64} << 20);
  EXPECT_EQ(read({{"COFFERDAM_AGENT_MEMORY", "2g"}}).agent_memory, std::int64_t{2} << 30);
  for (const std::string text : {"512", "63m", "g", "-1g", "0g"}) {
    EXPECT_THAT(problem({{"COFFERDAM_AGENT_MEMORY", text}}),
                testing::HasSubstr("COFFERDAM_AGENT_MEMORY"))
        << text;
  }
}

TEST(Settings, KeepWhatARestoreReplacedForHoursOrDays) {
  const auto expiry = [](const std::string& text) {
    return read({{"COFFERDAM_ROLLBACK_EXPIRY", text}}).rollback_expiry;
  };
  EXPECT_EQ(expiry("5h"), std::chrono::hours(5));
  EXPECT_EQ(expiry("2d"), std::chrono::hours(48));
  EXPECT_EQ(expiry("0"), std::chrono::seconds(0));
  for (const std::string text : {"3", "d", "-1h", "0h", "3w", "1.5h"}) {
    EXPECT_THAT(problem({{"COFFERDAM_ROLLBACK_EXPIRY", text}}),
                testing::HasSubstr("COFFERDAM_ROLLBACK_EXPIRY"))
        << text;
  }
}

TEST(Settings, AreReadFromTheEnvironment) {
  const auto settings = read({{"COFFERDAM_STORE", "/srv/b"},
                              {"COFFERDAM_COMPRESSION", "gzip:6"},
                              {"COFFERDAM_DUMP_FORMAT", "plain"},
                              {"COFFERDAM_STOP_TIMEOUT", "7"},
                              {"COFFERDAM_LISTEN", ":9000"},
                              {"COFFERDAM_LOG_FORMAT", "json"}});

  EXPECT_EQ(settings.state, "/srv/b/.cofferdam/state.db");
  EXPECT_EQ(settings.compression.method, Compression::Method::Gzip);
  EXPECT_EQ(settings.dump_format, DumpFormat::Plain);
  EXPECT_EQ(settings.stop_timeout, std::chrono::seconds(7));
  EXPECT_EQ(settings.listen_address, "0.0.0.0");
  EXPECT_EQ(settings.listen_port, 9000);
  EXPECT_EQ(settings.log_format, LogFormat::Json);
}

TEST(Settings, MayComeFromAFileWithoutItsLastNewline) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "project";
  std::ofstream(file) << "shop\n";

  EXPECT_EQ(read({{"COFFERDAM_PROJECT_FILE", file}}).project, "shop");
}

TEST(Settings, InBothFormsAreRefused) {
  EXPECT_THAT(problem({{"COFFERDAM_PROJECT", "a"}, {"COFFERDAM_PROJECT_FILE", "/b"}}),
              testing::HasSubstr("both set"));
}

TEST(Settings, FromAFileThatCannotBeReadAreRefused) {
  EXPECT_THAT(problem({{"COFFERDAM_PROJECT_FILE", "/nonexistent"}}),
              testing::HasSubstr("/nonexistent"));
}

TEST(Settings, TakeTracearrsNameForTheStore) {
  EXPECT_EQ(read({{"BACKUP_DIR", "/data/backup"}}).store, "/data/backup");
  EXPECT_EQ(read({{"BACKUP_DIR", "/data/backup"}, {"COFFERDAM_STORE", "/srv/b"}}).store, "/srv/b");
}

TEST(Settings, ThatNobodyKnowsAreRefused) {
  EXPECT_THAT(problem({{"COFFERDAM_STOER", "/b"}}), testing::HasSubstr("COFFERDAM_STOER"));
}

TEST(Settings, ThatCannotBeMeantAreRefusedByName) {
  for (const auto& [name, value] : Variables{{"COFFERDAM_STORE", "relative"},
                                             {"BACKUP_DIR", "relative"},
                                             {"COFFERDAM_COMPRESSION", "zstd:99"},
                                             {"COFFERDAM_DUMP_FORMAT", "tar"},
                                             {"COFFERDAM_STOP_TIMEOUT", "soon"},
                                             {"COFFERDAM_LISTEN", "nowhere"},
                                             {"COFFERDAM_LISTEN_FILE", "/nonexistent"},
                                             {"COFFERDAM_LOG_LEVEL", "chatty"},
                                             {"COFFERDAM_LOG_FORMAT", "xml"}}) {
    EXPECT_THAT(problem({{name, value}}), testing::HasSubstr(name));
  }
}

}  // namespace
}  // namespace controller
