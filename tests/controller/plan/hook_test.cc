// What labels say of hooks, and which hooks follow from it.
#include <gtest/gtest.h>

#include "controller/plan/capture_plan.h"
#include "controller/plan/secrets.h"
#include "tests/compose/stack_text.h"

namespace {

using compose_test::stack_of;
using controller::HookMoment;
using controller::OnError;
using Words = std::vector<std::string>;

controller::Policy policy(const std::string& text, const std::string& config = "") {
  return controller::read_policy(stack_of(text), config);
}

std::string complaints(const std::string& text, const std::string& config = "") {
  try {
    policy(text, config);
    return "fine";
  } catch (const controller::PolicyError& error) {
    return error.what();
  }
}

controller::HookPolicy hook_of(const std::string& labels, HookMoment moment) {
  return policy("service app " + labels).services.at("app").hooks.at(moment);
}

/// The config file for service app, which says it in words with spaces.
std::string app_says(const std::string& yaml) {
  return "services: {app: {" + yaml + "}}";
}

controller::HookPolicy config_hook(const std::string& yaml, HookMoment moment) {
  return policy("service app\n", app_says(yaml)).services.at("app").hooks.at(moment);
}

// ---- what labels say -------------------------------------------------------------------------

TEST(HookPolicy, TakesAJsonArrayForAnArgv) {
  const auto hook =
      hook_of("label=cofferdam.hook.pre-backup=[\"artisan\",\"down\",\"\"]", HookMoment::PreBackup);

  EXPECT_EQ(hook.command, (Words{"artisan", "down", ""}));
}

TEST(HookPolicy, GivesAnythingElseToTheShell) {
  EXPECT_EQ(config_hook("hook.post-backup: 'sync && touch /x'", HookMoment::PostBackup).command,
            (Words{"/bin/sh", "-c", "sync && touch /x"}));
}

TEST(HookPolicy, ReadsAListOfTheConfigFileAsAnArgv) {
  EXPECT_EQ(config_hook("hook.on-failure: [notify, 'a, b', 5]", HookMoment::OnFailure).command,
            (Words{"notify", "a, b", "5"}));
}

TEST(HookPolicy, HasItsOptions) {
  const auto hook = hook_of(
      "label=cofferdam.hook.pre-restore=stop label=cofferdam.hook.pre-restore.timeout=2m "
      "label=cofferdam.hook.pre-restore.user=www:33 "
      "label=cofferdam.hook.pre-restore.on-error=continue",
      HookMoment::PreRestore);

  EXPECT_EQ(hook.timeout, std::chrono::seconds(120));
  EXPECT_EQ(hook.user, "www:33");
  EXPECT_EQ(hook.on_error, OnError::Continue);
}

TEST(HookPolicy, ReadsTimes) {
  const auto timeout = [](const std::string& text) {
    return hook_of(
               "label=cofferdam.hook.pre-backup=x label=cofferdam.hook.pre-backup.timeout=" + text,
               HookMoment::PreBackup)
        .timeout;
  };

  EXPECT_EQ(timeout("5"), std::chrono::seconds(5));
  EXPECT_EQ(timeout("90s"), std::chrono::seconds(90));
  EXPECT_EQ(timeout("1h"), std::chrono::hours(1));
}

TEST(HookPolicy, RefusesTimesThatAreNone) {
  const auto complaint = [](const std::string& text) {
    return complaints(
        "service app label=cofferdam.hook.pre-backup=x "
        "label=cofferdam.hook.pre-backup.timeout=" +
        text);
  };

  for (const auto* text : {"0", "-5", "5d", "s", "", "1.5", "5s5", "99999999999999999999"}) {
    EXPECT_EQ(complaint(text), "label of service app: cofferdam.hook.pre-backup.timeout: \"" +
                                   std::string(text) +
                                   "\" is no time: seconds (90), 90s, 2m or 1h");
  }
}

TEST(HookPolicy, RefusesACommandThatIsNone) {
  const auto complaint = [](const std::string& value) {
    return complaints("service app\n", app_says("hook.pre-backup: '" + value + "'"));
  };
  const std::string place = "config file, line 1: cofferdam.hook.pre-backup: ";
  const std::string no_array =
      place +
      "is no JSON array of strings (a shell command that begins with [ can say test instead)";

  EXPECT_EQ(complaint(""), place + "is empty");
  EXPECT_EQ(complaint("  "), place + "is empty");
  EXPECT_EQ(complaint("[\"a\", \"b\""), no_array);
  EXPECT_EQ(complaint("[ -f /x ] && sync"), no_array);
  EXPECT_EQ(complaint("[\"sleep\", 5]"), no_array);
  EXPECT_EQ(complaint("[]"), place + "names no program");
  EXPECT_EQ(complaint("[\"\"]"), place + "names no program");
  EXPECT_EQ(complaint("[\"a\\u0000b\"]"), place + "an argument cannot hold a NUL");
}

TEST(HookPolicy, RefusesOptionsThatAreNone) {
  EXPECT_EQ(complaints("service app\n", app_says("hook.pre-backup: x, hook.pre-backup.user: 'a b', "
                                                 "hook.pre-backup.on-error: fial")),
            "config file, line 1: cofferdam.hook.pre-backup.on-error: \"fial\" is neither fail nor "
            "continue (did you mean fail?)\n"
            "config file, line 1: cofferdam.hook.pre-backup.user: \"a b\" is no user: a name or "
            "number, or user:group");
}

// A hook that is silently not run is worse than none.
TEST(HookPolicy, RefusesUnknownNames) {
  EXPECT_EQ(complaints("service app label=cofferdam.hook.prebackup=x\n"),
            "label of service app: cofferdam.hook.prebackup is unknown (did you mean "
            "cofferdam.hook.pre-backup?)");
  EXPECT_EQ(complaints("service app label=cofferdam.hook.pre-backup.time-out=5\n"),
            "label of service app: cofferdam.hook.pre-backup.time-out is unknown (did you mean "
            "cofferdam.hook.pre-backup.timeout?)");
  EXPECT_NE(complaints("service app label=cofferdam.hook.pre-backup.sql=x\n"), "fine");
  EXPECT_NE(complaints("service app label=cofferdam.hook.=x\n"), "fine");
  EXPECT_EQ(complaints("volume a cofferdam.hook.pre-backup=x\n"),
            "label of volume shop_a: cofferdam.hook.pre-backup: belongs on a service, not on a "
            "volume");
}

TEST(HookPolicy, RefusesOptionsWithoutTheirHook) {
  EXPECT_EQ(complaints("service app label=cofferdam.hook.pre-backup.timeout=5 "
                       "label=cofferdam.hook.post-backup=x\n"),
            "label of service app: cofferdam.hook.pre-backup.timeout: there is no "
            "cofferdam.hook.pre-backup that it could be about");
  EXPECT_EQ(complaints("service app label=cofferdam.hook.post-backup=x\n",
                       app_says("hook.post-backup.timeout: 5")),
            "fine");
}

TEST(HookPolicy, TakesSqlAfterARestore) {
  const auto hook =
      config_hook("hook.post-restore.sql: 'TRUNCATE cache', hook.post-restore.timeout: 5m",
                  HookMoment::PostRestore);

  EXPECT_EQ(hook.sql, "TRUNCATE cache");
  EXPECT_TRUE(hook.command.empty());
  EXPECT_EQ(hook.timeout, std::chrono::minutes(5));
  EXPECT_EQ(complaints("service app\n",
                       app_says("hook.post-restore.sql: 'SELECT 1', hook.post-restore.user: x")),
            "config file, line 1: cofferdam.hook.post-restore.user: there is no "
            "cofferdam.hook.post-restore that it could be about");
  EXPECT_EQ(complaints("service app label=cofferdam.database=none "
                       "label=cofferdam.hook.post-restore.sql=x\n"),
            "label of service app: cofferdam.hook.post-restore.sql of service app contradicts "
            "cofferdam.database: none");
}

TEST(HookPolicy, GivesWayToLabels) {
  const auto said = policy("service app label=cofferdam.hook.pre-backup=label\n",
                           app_says("hook.pre-backup: file, hook.pre-backup.user: www"));

  const auto& hook = said.services.at("app").hooks.at(HookMoment::PreBackup);
  EXPECT_EQ(hook.command, (Words{"/bin/sh", "-c", "label"}));
  EXPECT_EQ(hook.user, "www");
}

// ---- which hooks follow ----------------------------------------------------------------------

std::string lines(const std::vector<controller::PlannedHook>& hooks) {
  std::string out;
  for (const auto& hook : hooks) {
    out += title_of(hook) + ": " + command_text(hook) + "\n";
  }
  return out;
}

std::string planned(const std::string& text, HookMoment moment, const std::string& config = "") {
  return lines(plan_hooks(stack_of(text), policy(text, config), moment));
}

constexpr const char* kChain =
    "service db label=cofferdam.hook.pre-backup=d label=cofferdam.hook.post-backup=d2\n"
    "service api needs=db label=cofferdam.hook.pre-backup=a label=cofferdam.hook.post-backup=a2\n"
    "service web needs=api label=cofferdam.hook.pre-backup=w label=cofferdam.hook.post-backup=w2\n"
    "service mute needs=db\n";

TEST(PlanHooks, BeforeTheWorkTakesDependentsFirst) {
  EXPECT_EQ(planned(kChain, HookMoment::PreBackup),
            "pre-backup hook of web: /bin/sh -c w\n"
            "pre-backup hook of api: /bin/sh -c a\n"
            "pre-backup hook of db: /bin/sh -c d\n");
}

TEST(PlanHooks, AfterTheWorkTakesThemLast) {
  EXPECT_EQ(planned(kChain, HookMoment::PostBackup),
            "post-backup hook of db: /bin/sh -c d2\n"
            "post-backup hook of api: /bin/sh -c a2\n"
            "post-backup hook of web: /bin/sh -c w2\n");
  EXPECT_EQ(planned(kChain, HookMoment::OnFailure), "");
}

TEST(PlanHooks, RunsSqlBeforeTheCommandOfTheSameService) {
  const auto hooks =
      plan_hooks(stack_of("service db\n"),
                 policy("service db\n",
                        "services: {db: {hook.post-restore: refresh, hook.post-restore.sql: "
                        "'DELETE FROM cache', hook.post-restore.on-error: continue}}"),
                 HookMoment::PostRestore);

  EXPECT_EQ(lines(hooks),
            "post-restore hook of db: SQL in its restored databases\n"
            "post-restore hook of db: /bin/sh -c refresh\n");
  EXPECT_EQ(hooks.at(0).sql, "DELETE FROM cache");
  EXPECT_EQ(hooks.at(0).on_error, OnError::Continue);
  EXPECT_EQ(hooks.at(1).sql, "");
}

TEST(PlanHooks, FillsInWhatWasNotSaid) {
  const auto stack = stack_of(
      "service app label=cofferdam.hook.pre-backup=x\n"
      "service app n=2 label=cofferdam.hook.pre-backup=x\n");

  const auto hooks = plan_hooks(stack, controller::read_policy(stack, ""), HookMoment::PreBackup);

  ASSERT_EQ(hooks.size(), 1U);
  EXPECT_EQ(hooks[0].project, "shop");
  EXPECT_EQ(hooks[0].containers,
            (std::vector{stack.services[0].replicas[0].id, stack.services[0].replicas[1].id}));
  EXPECT_EQ(hooks[0].timeout, std::chrono::seconds(60));
  EXPECT_EQ(hooks[0].on_error, OnError::Fail);
  EXPECT_EQ(hooks[0].user, "");
  EXPECT_EQ(hooks[0].reason, "label of service app");
}

TEST(PlanHooks, ShowsNoSecrets) {
  const auto hooks = planned("service app env=API_TOKEN=hunter2hunter2\n", HookMoment::PreBackup,
                             app_says("hook.pre-backup: [curl, -H, 'X: hunter2hunter2', "
                                      "'https://me:s3cret@example.com/x']"));

  EXPECT_EQ(hooks, "pre-backup hook of app: curl -H 'X: ***' 'https://me:***@example.com/x'\n");
}

controller::CapturePlan plan_of(const std::string& text, const std::string& config = "",
                                const std::vector<std::string>& services = {}) {
  controller::PlanRequest request;
  request.services = services;
  return plan_capture(stack_of(text), policy(text, config), request);
}

TEST(PlanHooks, ACapturePlansThoseOfABackup) {
  const auto plan = plan_of(
      "service app\n", app_says("hook.pre-backup: a, hook.post-backup: b, hook.pre-restore: c, "
                                "hook.post-restore: d, hook.on-failure: e"));

  EXPECT_EQ(lines(plan.hooks),
            "pre-backup hook of app: /bin/sh -c a\n"
            "post-backup hook of app: /bin/sh -c b\n"
            "on-failure hook of app: /bin/sh -c e\n");
}

TEST(PlanHooks, ANarrowedCaptureRunsOnlyThoseOfItsServices) {
  const auto plan = plan_of(
      "service app label=cofferdam.hook.pre-backup=a\n"
      "service other label=cofferdam.hook.pre-backup=b label=cofferdam.hook.on-failure=c\n",
      "", {"app"});

  EXPECT_EQ(lines(plan.hooks),
            "pre-backup hook of app: /bin/sh -c a\n"
            "on-failure hook of other: /bin/sh -c c\n");
}

TEST(PlanHooks, SaysBeforehandWhichWouldFail) {
  const auto plan = plan_of(
      "volume data cofferdam.backup=true\n"
      "service app state=paused label=cofferdam.hook.pre-backup=a\n");

  EXPECT_EQ(plan.warnings,
            Words{"the pre-backup hook of app would fail now: none of its containers runs"});
}

TEST(PlanHooks, RefusesSqlForWhatIsNoDatabase) {
  try {
    plan_of("service app label=cofferdam.hook.post-restore.sql=x\n");
    FAIL() << "it was planned";
  } catch (const controller::PolicyError& error) {
    EXPECT_STREQ(error.what(),
                 "label of service app: cofferdam.hook.post-restore.sql: service app is no "
                 "database server that is known");
  }
}

TEST(PlanHooks, TellsThemToPeople) {
  const auto plan = plan_of(
      "service app\n", app_says("hook.pre-backup: [artisan, down], hook.pre-backup.user: www, "
                                "hook.post-backup: 'artisan up', hook.post-backup.timeout: 2m, "
                                "hook.on-failure: [notify]"));

  EXPECT_EQ(to_text(plan), R"(Project shop, version 1

Captured:
  nothing

Nothing stops.

Hooks:
  pre-backup in app as www: artisan down
    said by: config file, line 1; at most 60 s; if it fails, nothing is done
  post-backup in app: /bin/sh -c 'artisan up'
    said by: config file, line 1; at most 120 s; if it fails, the run is degraded
  on-failure in app: notify
    said by: config file, line 1; at most 60 s; a failure of it is a warning

Warnings:
  nothing is flagged with cofferdam.backup: true
)");
}

TEST(PlanHooks, TellsThemToPrograms) {
  const auto plan = plan_of("service app label=cofferdam.hook.pre-backup=x\n");

  EXPECT_NE(to_json(plan).find(R"(  "hooks": [
    {
      "moment": "pre-backup",
      "service": "app",
      "containers": [
        "9e3779b97f4a7c159e3779b97f4a7c159e3779b97f4a7c159e3779b97f4a7c15"
      ],
      "command": [
        "/bin/sh",
        "-c",
        "x"
      ],
      "is_sql": false,
      "databases": [],
      "timeout_seconds": 60.0,
      "user": "",
      "on_error": "fail",
      "reason": "label of service app"
    }
  ],)"),
            std::string::npos)
      << to_json(plan);
}

// ---- what nobody may see ---------------------------------------------------------------------

Words secrets(const Words& env) {
  dockerapi::Container container;
  container.env = env;
  return controller::secrets_of(container);
}

TEST(Secrets, AreKnownByTheirNames) {
  EXPECT_EQ(secrets({"POSTGRES_PASSWORD=pass-word", "app_secret=se-cret", "GH_TOKEN=to-ken1",
                     "S3_ACCESS_KEY_ID=access", "REDIS_AUTH=redis1", "DB_PWD=dbpwd1"}),
            (Words{"pass-word", "se-cret", "to-ken1", "access", "dbpwd1", "redis1"}));
}

TEST(Secrets, AreNotEveryValue) {
  EXPECT_EQ(secrets({"PATH=/usr/local/bin", "PWD=/srv/app", "POSTGRES_PASSWORD_FILE=/run/x/pw",
                     "TOKEN=short", "HOSTNAME=container", "BROKEN", "=odd"}),
            Words{});
}

TEST(Secrets, AreInUrls) {
  EXPECT_EQ(secrets({"DATABASE_URL=postgres://app:hunter22@db:5432/app", "SITE=https://x.org/a@b",
                     "PEERS=amqp://a:first-one@x,amqp://b:other-one@y"}),
            (Words{"first-one", "other-one", "hunter22"}));
}

TEST(Secrets, OfSeveralLinesAreMaskedLineByLine) {
  EXPECT_EQ(secrets({"TLS_KEY=-----BEGIN-----\nMIIEvQIBADAN\nab\n-----END-----\n"}),
            (Words{"-----BEGIN-----", "-----END-----", "MIIEvQIBADAN"}));
}

TEST(Masked, HidesTheLongestFirst) {
  EXPECT_EQ(controller::masked("a hunter22hunter22 b hunter22 c", {"hunter22hunter22", "hunter22"}),
            "a *** b *** c");
}

TEST(Masked, HidesPasswordsOfUrls) {
  EXPECT_EQ(controller::masked("at https://u:pw@x/ and ftp://me:you@y, not http://z:80/", {}),
            "at https://u:***@x/ and ftp://me:***@y, not http://z:80/");
}

}  // namespace
