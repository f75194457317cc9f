#include "controller/cli/access_settings.h"

#include <gmock/gmock.h>

#include <map>

#include "controller/access/users.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

AccessSettings read(const std::map<std::string, std::string>& variables) {
  return read_access_settings([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

std::string problem(const std::map<std::string, std::string>& variables) {
  try {
    read(variables);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "none";
}

TEST(AccessSettings, KnowThisMachineAndTheHostOfTheUrl) {
  EXPECT_THAT(read({}).rules.hosts, UnorderedElementsAre("localhost", "127.0.0.1", "::1"));
  const auto rules = read({{"COFFERDAM_URL", "https://Backup.example.org:8443/"},
                           {"COFFERDAM_HOSTS", "nas, 192.0.2.7:8080,fd00::7"}})
                         .rules;
  EXPECT_EQ(rules.url, "https://Backup.example.org:8443");
  EXPECT_TRUE(rules.secure());
  EXPECT_THAT(rules.hosts,
              UnorderedElementsAre("localhost", "127.0.0.1", "::1", "backup.example.org", "nas",
                                   "192.0.2.7", "fd00::7"));
}

TEST(AccessSettings, RefuseWhatCannotBeMeant) {
  for (const char* url :
       {"backup.example.org", "ftp://a", "https://", "https://a/b", "https://a?b"}) {
    EXPECT_THAT(problem({{"COFFERDAM_URL", url}}), HasSubstr("COFFERDAM_URL")) << url;
  }
  EXPECT_THAT(problem({{"COFFERDAM_TRUSTED_PROXIES", "10.0.0.0/8, proxy"}}),
              HasSubstr("COFFERDAM_TRUSTED_PROXIES: \"proxy\""));
}

TEST(AccessSettings, PutTheAdminIntoTheFile) {
  const TemporaryFolder folder;
  Settings settings;
  settings.state = folder.path() / ".cofferdam" / "state.db";
  put_admin(settings, Secret("correct horse battery"));
  AccessFile file(access_file(settings));
  EXPECT_TRUE(Users(file).knows("admin", Secret("correct horse battery")));
  try {
    put_admin(settings, Secret("hush"));
    FAIL();
  } catch (const SettingError& error) {
    EXPECT_THAT(error.what(), HasSubstr("COFFERDAM_ADMIN_PASSWORD: a password has from 12"));
    EXPECT_THAT(error.what(), Not(HasSubstr("hush")));
  }
}

}  // namespace
}  // namespace controller
