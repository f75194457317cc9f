#include "controller/notify/notify_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = NotifyKind;

NotifyTarget one(std::string_view url) {
  return parse_notify_url(url).at(0);
}

/// What is asked, secrets and all.
std::string place(std::string_view url) {
  const auto target = one(url);
  return target.origin + target.path.reveal();
}

std::string problem(std::string_view url) {
  try {
    parse_notify_url(url);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

TEST(NotifyUrl, FindsEachService) {
  EXPECT_EQ(place("https://example.org/hook?key=a%20b"), "https://example.org/hook?key=a%20b");
  EXPECT_EQ(place("generic://example.org:8443/hook"), "https://example.org:8443/hook");
  EXPECT_EQ(place("generic+http://example.org"), "http://example.org/");
  EXPECT_EQ(place("ntfy://ntfy.sh/topic"), "https://ntfy.sh/");
  EXPECT_EQ(place("ntfy://host/base/topic?disabletls=yes"), "http://host/base/");
  EXPECT_EQ(place("gotify://host/base/AppToken"), "https://host/base/message");
  EXPECT_EQ(place("discord://tok@123"), "https://discord.com/api/webhooks/123/tok");
  EXPECT_EQ(place("slack://hook:T1-B2-x3@webhook"), "https://hooks.slack.com/services/T1/B2/x3");
  EXPECT_EQ(place("telegram://12:AB@telegram?chats=7"),
            "https://api.telegram.org/bot12:AB/sendMessage");
  EXPECT_EQ(place("apprise://host:8000/key"), "http://host:8000/notify/key");
  EXPECT_EQ(place("apprises://host/key"), "https://host/notify/key");
  EXPECT_EQ(place("healthchecks://hc-ping.com/uu-id"), "https://hc-ping.com/uu-id");
  EXPECT_EQ(place("healthchecks://own/ping/uu-id"), "https://own/ping/uu-id");
  EXPECT_EQ(place("uptimekuma://kuma:3001/pushed?disabletls=yes"),
            "http://kuma:3001/api/push/pushed");
  EXPECT_EQ(place("smtp://mail:25/?from=a@b&to=c@d"), "smtp://mail:25");
  EXPECT_EQ(place("smtp://mail:465/?from=a@b&to=c@d"), "smtps://mail:465");
}

TEST(NotifyUrl, KeepsLoginsApartFromTheAddress) {
  const auto target = one("ntfy://me:p%40ss@[fd00::1]:8080/secret%20topic");

  EXPECT_EQ(target.origin, "https://[fd00::1]:8080");
  EXPECT_EQ(target.host, "fd00::1");
  EXPECT_EQ(target.user.reveal(), "me");
  EXPECT_EQ(target.password.reveal(), "p@ss");
  EXPECT_EQ(target.token.reveal(), "secret topic");
}

TEST(NotifyUrl, TellsPeopleOfWhatWentWrongAndMonitorsOfEveryCapture) {
  EXPECT_THAT(one("ntfy://h/t").kinds, ElementsAre(Kind::Recovered, Kind::Degraded, Kind::Failed,
                                                   Kind::Overdue, Kind::StorageLow));
  EXPECT_TRUE(one("ntfy://h/t").jobs.empty());
  EXPECT_TRUE(one("healthchecks://h/u").kinds.contains(Kind::Started));
  EXPECT_THAT(one("healthchecks://h/u").jobs, ElementsAre("create"));
  EXPECT_THAT(one("uptimekuma://h/u").kinds,
              ElementsAre(Kind::Success, Kind::Degraded, Kind::Failed, Kind::Overdue));
}

TEST(NotifyUrl, TakesWhatIsOursFromBehindTheHash) {
  const auto target =
      one("https://h/x?on=theirs#name=hook&on=success,failed&jobs=create,drill&schedules=nightly"
          "&secret=k%26y");

  EXPECT_EQ(target.path.reveal(), "/x?on=theirs");
  EXPECT_EQ(target.name, "hook");
  EXPECT_THAT(target.kinds, ElementsAre(Kind::Success, Kind::Failed));
  EXPECT_THAT(target.jobs, ElementsAre("create", "drill"));
  EXPECT_THAT(target.schedules, ElementsAre("nightly"));
  EXPECT_EQ(target.signing_key.reveal(), "k&y");
}

TEST(NotifyUrl, MakesATargetOfEachChat) {
  const auto targets = parse_notify_url("telegram://1:A@telegram?chats=7,@us");

  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].options.at("chat"), "7");
  EXPECT_EQ(targets[1].options.at("chat"), "@us");
}

TEST(NotifyUrl, SaysWhatIsWrongWithoutTheSecretsOfTheUrl) {
  for (const auto* url : {"hush",
                          "hush://h/hush",
                          "ntfy://hush:hush@h",
                          "ntfy://h/hush?hush%0a=1",
                          "ntfy://h/hush?prio=1",
                          "ntfy://h/hush?priority=11",
                          "ntfy://h/hush?priority=x",
                          "ntfy://h/hush?tags=a&tags=b",
                          "ntfy://h:0/hush",
                          "ntfy://h:x/hush",
                          "ntfy:///hush",
                          "ntfy://h/hu sh",
                          "ntfy://h/%zzhush",
                          "discord://123",
                          "slack://hook:hush@webhook",
                          "telegram://1:hush@telegram",
                          "telegram://hush@telegram?chats=1",
                          "smtp://u:hush@h/?from=a@b",
                          "smtp://u:hush@h/?from=a@b&to=c&encryption=tls",
                          "smtp://u:hush@h/?from=a@b&to=c@d&encryption=x",
                          "smtp://h/?from=a@b&to=<c@d>",
                          "https://h/hush#secrets=x",
                          "https://h/hush#on=sucess",
                          "ntfy://h/hush#secret=hush",
                          "ntfy://h/hush?disabletls=1"}) {
    EXPECT_NE(problem(url), "none") << url;
    EXPECT_THAT(problem(std::string(url) == "hush://h/hush" ? "ftp://h/hush" : url),
                testing::Not(HasSubstr("hush")))
        << url;
  }
}

TEST(NotifyUrl, NamesTheMistake) {
  EXPECT_THAT(problem("ftp://h/x"), HasSubstr("there are https, http, generic"));
  EXPECT_THAT(problem("ntfy://h/t?prio=1"), HasSubstr("prio is unknown"));
  EXPECT_THAT(problem("ntfy://h"), HasSubstr("the topic is missing"));
  EXPECT_THAT(problem("https://h/#on=sucess"), HasSubstr("\"sucess\" is no event"));
}

NotifyEvent event(Kind kind, const std::string& job, const std::string& started_by = "cli") {
  NotifyEvent event;
  event.kind = kind;
  event.job_kind = job;
  event.started_by = started_by;
  return event;
}

TEST(NotifyTarget, WantsItsEventsOfItsJobsAndSchedulesAlone) {
  const auto target = one("ntfy://h/t#on=failed&jobs=create&schedules=nightly");

  EXPECT_TRUE(wants(target, event(Kind::Failed, "create", "schedule nightly")));
  EXPECT_FALSE(wants(target, event(Kind::Failed, "create", "schedule weekly")));
  EXPECT_FALSE(wants(target, event(Kind::Failed, "create")));
  EXPECT_FALSE(wants(target, event(Kind::Failed, "drill", "schedule nightly")));
  EXPECT_FALSE(wants(target, event(Kind::Success, "create", "schedule nightly")));
  EXPECT_TRUE(wants(target, event(Kind::Test, "")));
}

TEST(NotifyTarget, TakesItsSecretsOutOfWhatOthersSay) {
  const auto target = one("https://user:pass@h/secret/path#secret=signing");

  EXPECT_EQ(without_secrets("user pass /secret/path signing /secret/path", target), "… … … … …");
}

}  // namespace
}  // namespace controller
