#include "controller/cli/settings_view.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using Json = nlohmann::json;

Json shown(const std::map<std::string, std::string>& variables, const std::string& name) {
  const auto list =
      Json::parse(settings_json([&](const std::string& asked) -> std::optional<std::string> {
        const auto found = variables.find(asked);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      }));
  for (const auto& one : list) {
    if (one["name"] == name) {
      return one;
    }
  }
  return nullptr;
}

TEST(SettingsView, TellsWhereASettingIsMade) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "level";
  std::ofstream(file) << "debug\n";
  const std::map<std::string, std::string> variables = {{"COFFERDAM_LOG_LEVEL_FILE", file},
                                                        {"COFFERDAM_STORE", "/backups"}};
  EXPECT_EQ(shown(variables, "COFFERDAM_LOG_LEVEL")["origin"], "file");
  EXPECT_EQ(shown(variables, "COFFERDAM_LOG_LEVEL")["value"], "debug");
  EXPECT_EQ(shown(variables, "COFFERDAM_STORE")["origin"], "variable");
  EXPECT_EQ(shown(variables, "COFFERDAM_URL")["origin"], "default");
  EXPECT_EQ(shown(variables, "COFFERDAM_URL")["value"], nullptr);
  EXPECT_EQ(shown(variables, "BACKUP_SCHEDULE")["origin"], "default");
}

TEST(SettingsView, ShowsNoSecret) {
  for (const char* name :
       {"COFFERDAM_ADMIN_PASSWORD", "COFFERDAM_S3_SECRET_ACCESS_KEY", "COFFERDAM_S3_ACCESS_KEY_ID",
        "COFFERDAM_NOTIFY", "S3_SECRET_ACCESS_KEY"}) {
    const auto one = shown({{name, "hush"}}, name);
    EXPECT_EQ(one["secret"], true) << name;
    EXPECT_EQ(one["origin"], "variable") << name;
    EXPECT_EQ(one["value"], nullptr) << name;
  }
}

}  // namespace
}  // namespace controller
