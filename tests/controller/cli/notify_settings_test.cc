#include "controller/cli/notify_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

NotifySettings read(const Variables& variables, const std::string& yaml = "") {
  return read_notify_settings(
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      yaml);
}

std::string problem(const Variables& variables, const std::string& yaml = "") {
  try {
    read(variables, yaml);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "none";
}

std::vector<std::string> names(const NotifySettings& settings) {
  std::vector<std::string> names;
  for (const auto& target : settings.targets) {
    names.push_back(target.name);
  }
  return names;
}

TEST(NotifySettings, TakeSeveralUrlsAndNameThem) {
  const auto settings = read({{"COFFERDAM_NOTIFY",
                               "ntfy://h/a#on=failed,success ntfy://h/b\n"
                               "telegram://1:A@telegram?chats=7,8#name=us\n"},
                              {"COFFERDAM_NOTIFY_ALLOW", "127.0.0.1, gotify"}});

  EXPECT_THAT(names(settings), ElementsAre("ntfy", "ntfy-2", "us", "us-2"));
  EXPECT_TRUE(settings.targets[0].kinds.contains(NotifyKind::Success));
  EXPECT_THAT(settings.allowed_hosts, ElementsAre("127.0.0.1", "gotify"));
}

TEST(NotifySettings, TellNobodyUnlessTheyAreToldTo) {
  EXPECT_TRUE(read({}).targets.empty());
}

TEST(NotifySettings, AddThoseOfTheConfigFile) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "key") << "from the file\n";

  const auto settings = read({{"COFFERDAM_NOTIFY", "ntfy://h/a"}},
                             "volumes: {}\nnotifications:\n  hook:\n    url: https://h/x\n"
                             "    secret_file: " +
                                 (folder.path() / "key").string() +
                                 "\n    on: [failed, overdue]\n    jobs: create\n"
                                 "    schedules: [nightly]\n");

  ASSERT_THAT(names(settings), ElementsAre("ntfy", "hook"));
  const auto& hook = settings.targets[1];
  EXPECT_EQ(hook.signing_key.reveal(), "from the file");
  EXPECT_THAT(hook.kinds, ElementsAre(NotifyKind::Failed, NotifyKind::Overdue));
  EXPECT_THAT(hook.jobs, ElementsAre("create"));
  EXPECT_THAT(hook.schedules, ElementsAre("nightly"));
}

TEST(NotifySettings, SayWhereSomethingIsWrongAndNoSecret) {
  EXPECT_THAT(problem({{"COFFERDAM_NOTIFY", "ntfy://h/a ftp://hush"}}),
              testing::AllOf(HasSubstr("COFFERDAM_NOTIFY, entry 2: \"ftp://\" is no service"),
                             testing::Not(HasSubstr("hush"))));
  EXPECT_THAT(problem({{"COFFERDAM_NOTIFY", "ntfy://h/a#name=a%20b"}}), HasSubstr("a name has"));
  EXPECT_THAT(problem({}, "notifications: {a: {url: 'https://h', onn: failed}}"),
              HasSubstr("config file, notification a: onn is unknown"));
  EXPECT_THAT(problem({}, "notifications: {a: {url: 'https://h', on: [fail]}}"),
              HasSubstr("\"fail\" is no event"));
  EXPECT_THAT(problem({}, "notifications: {a: {url: 'ntfy://h/t', secret: x}}"),
              HasSubstr("for webhooks"));
  EXPECT_THAT(problem({}, "notifications: {a: 1}"), HasSubstr("should map names"));
  EXPECT_THAT(problem({}, "notifications: {a: {on: failed}}"), HasSubstr("that is no URL"));
  EXPECT_THAT(problem({}, "notifications: {a: {url: x, url_file: y}}"), HasSubstr("both"));
  EXPECT_THAT(
      problem({{"COFFERDAM_NOTIFY", "ntfy://h/t"}}, "notifications: {ntfy: {url: 'ntfy://h/t'}}"),
      HasSubstr("two of that name"));
}

}  // namespace
}  // namespace controller
