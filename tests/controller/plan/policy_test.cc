#include "controller/plan/policy.h"

#include <gtest/gtest.h>

#include "controller/plan/settings.h"
#include "tests/compose/stack_text.h"

namespace {

using controller::Mode;

controller::Policy policy(const std::string& text, const std::string& config = "") {
  return controller::read_policy(compose_test::stack_of(text), config);
}

std::string complaints(const std::string& text, const std::string& config = "") {
  try {
    policy(text, config);
    return "fine";
  } catch (const controller::PolicyError& error) {
    return error.what();
  }
}

TEST(Policy, ReadsLabelsOfVolumes) {
  const auto said = policy(
      "volume redis cofferdam.backup=true cofferdam.mode=pause "
      "cofferdam.exclude=thumbnails/**,cache/*\n");

  const auto& redis = said.volumes.at("redis");
  EXPECT_EQ(redis.backup, true);
  EXPECT_EQ(redis.mode, Mode::Pause);
  EXPECT_EQ(redis.exclude, (std::vector<std::string>{"thumbnails/**", "cache/*"}));
  EXPECT_EQ(redis.place, "label of volume shop_redis");
}

TEST(Policy, ReadsLabelsOfServices) {
  const auto said = policy(
      "service db label=cofferdam.backup=false label=cofferdam.database=postgres "
      "label=cofferdam.databases=app,geo label=cofferdam.mode=stop "
      "label=cofferdam.version=label:x.y label=cofferdam.drill=false\n");

  const auto& db = said.services.at("db");
  EXPECT_EQ(db.backup, false);
  EXPECT_EQ(db.database, "postgres");
  EXPECT_EQ(db.databases, (std::vector<std::string>{"app", "geo"}));
  EXPECT_EQ(db.mode, Mode::Stop);
  EXPECT_EQ(db.version_source, "label:x.y");
  EXPECT_EQ(db.drill, false);
  EXPECT_EQ(db.place, "label of service db");
}

TEST(Policy, SaysNothingOfWhatSaysNothing) {
  const auto said = policy("volume redis\nservice web label=traefik.enable=true\n");

  EXPECT_TRUE(said.volumes.empty());
  EXPECT_TRUE(said.services.empty());
}

TEST(Policy, TakesTheNewestReplicasWord) {
  EXPECT_EQ(policy("service web n=1 label=cofferdam.backup=true\n"
                   "service web n=2 label=cofferdam.backup=false\n")
                .services.at("web")
                .backup,
            false);
}

TEST(Policy, KnowsTheLabelsOfOurOwnContainers) {
  EXPECT_EQ(complaints("service cofferdam label=cofferdam.role=sidecar "
                       "label=cofferdam.instance=x label=cofferdam.job=y\n"),
            "fine");
}

TEST(Policy, ReportsEveryMistakeWithItsPlace) {
  EXPECT_EQ(complaints("volume redis cofferdam.bakcup=true cofferdam.mode=stopp\n"
                       "volume pg cofferdam.backup=yes\n"
                       "service db label=cofferdam.database=mysql label=cofferdam.colour=blue\n"),
            "label of service db: cofferdam.colour is unknown\n"
            "label of service db: cofferdam.database: \"mysql\" is no database that is known: "
            "postgres or none\n"
            "label of volume shop_pg: cofferdam.backup: \"yes\" is neither true nor false\n"
            "label of volume shop_redis: cofferdam.bakcup is unknown (did you mean "
            "cofferdam.backup?)\n"
            "label of volume shop_redis: cofferdam.mode: \"stopp\" is no mode: stop, pause, live "
            "or dump (did you mean stop?)");
}

TEST(Policy, SeesATypoInOurOwnName) {
  const std::string unknown = " is unknown (our labels begin with cofferdam.)";

  EXPECT_EQ(complaints("volume a coferdam.backup=true\n"),
            "label of volume shop_a: coferdam.backup" + unknown);
  EXPECT_EQ(complaints("volume a Cofferdam.backup=true\n"),
            "label of volume shop_a: Cofferdam.backup" + unknown);
  EXPECT_EQ(complaints("volume a cofferdam=true\n"), "label of volume shop_a: cofferdam" + unknown);
  EXPECT_EQ(complaints("volume a coffeebean.roast=dark\n"), "fine");
}

TEST(Policy, KnowsWhereALabelBelongs) {
  EXPECT_EQ(complaints("volume a cofferdam.database=postgres\n"),
            "label of volume shop_a: cofferdam.database: belongs on a service, not on a volume");
  EXPECT_EQ(complaints("service a label=cofferdam.exclude=x\n"),
            "label of service a: cofferdam.exclude: belongs on a volume, not on a service");
  EXPECT_EQ(complaints("service a label=cofferdam.mode=dump\n"),
            "label of service a: cofferdam.mode: a service has no dump mode: it is the default of "
            "a known database's volume");
}

// One that is wrong keeps nobody from a capture: whoever schedules tells of it.
TEST(Policy, LeavesSchedulesToThoseWhoSchedule) {
  EXPECT_EQ(complaints("service a label=cofferdam.schedule.nightly=never "
                       "label=cofferdam.schedule.nightly.missed=x\n"),
            "fine");
  EXPECT_EQ(complaints("volume a cofferdam.schedule.nightly=@daily\n"),
            "label of volume shop_a: cofferdam.schedule.nightly: belongs on a service, not on a "
            "volume");
  EXPECT_NE(complaints("service a label=cofferdam.scheduled.nightly=@daily\n"), "fine");
}

TEST(Policy, RefusesGlobsThatLeaveTheVolume) {
  EXPECT_EQ(complaints("volume a cofferdam.exclude=/etc/*\n"),
            "label of volume shop_a: cofferdam.exclude: \"/etc/*\" is not relative to the "
            "volume's root");
  EXPECT_NE(complaints("volume a cofferdam.exclude=x/../y\n"), "fine");
  EXPECT_EQ(complaints("volume a cofferdam.exclude=x,\n"),
            "label of volume shop_a: cofferdam.exclude: an entry is empty");
  EXPECT_EQ(complaints("volume a cofferdam.exclude=x..y,..z\n"), "fine");
}

TEST(Policy, RefusesVersionsFromNowhere) {
  EXPECT_EQ(complaints("service a label=cofferdam.version=env:\n"),
            "label of service a: cofferdam.version: \"env:\" is none of image-tag, label:NAME, "
            "env:NAME");
}

TEST(Policy, RefusesToFlagWhatCannotBeKept) {
  EXPECT_EQ(complaints("volume quick opt:type=tmpfs cofferdam.backup=true\n"),
            "label of volume shop_quick: cofferdam.backup: a tmpfs volume has nothing to keep");
  EXPECT_EQ(complaints("service web ro=/proc:/p\n", "volumes: {/proc: {backup: true}}\n"),
            "config file, line 1: cofferdam.backup: /proc belongs to the host or to the engine "
            "and is never captured");
}

TEST(Policy, RefusesContradictions) {
  EXPECT_EQ(complaints("service db label=cofferdam.database=none label=cofferdam.databases=a\n"),
            "label of service db: cofferdam.databases of service db contradicts "
            "cofferdam.database: none");
}

TEST(PolicyFile, SaysWhatLabelsWouldSay) {
  const auto said = policy("volume redis\nservice db rw=/srv/x:/x\n",
                           "volumes:\n"
                           "  redis: {backup: true, mode: live, exclude: [a, b/**]}\n"
                           "  /srv/x: {backup: false}\n"
                           "services:\n"
                           "  db:\n"
                           "    database: postgres\n"
                           "    databases: [app]\n");

  EXPECT_EQ(said.volumes.at("redis").backup, true);
  EXPECT_EQ(said.volumes.at("redis").mode, Mode::Live);
  EXPECT_EQ(said.volumes.at("redis").exclude, (std::vector<std::string>{"a", "b/**"}));
  EXPECT_EQ(said.volumes.at("redis").place, "config file, line 2");
  EXPECT_EQ(said.volumes.at("/srv/x").backup, false);
  EXPECT_EQ(said.services.at("db").database, "postgres");
  EXPECT_EQ(said.services.at("db").databases, (std::vector<std::string>{"app"}));
}

TEST(PolicyFile, KnowsVolumesByTheirNameOnTheHostToo) {
  EXPECT_EQ(
      policy("volume redis\n", "volumes: {shop_redis: {backup: true}}").volumes.at("redis").backup,
      true);
}

TEST(PolicyFile, GivesWayToLabels) {
  const auto said = policy("volume redis cofferdam.backup=false\n",
                           "volumes: {redis: {backup: true, mode: live}}\n");

  EXPECT_EQ(said.volumes.at("redis").backup, false);
  EXPECT_EQ(said.volumes.at("redis").place, "label of volume shop_redis");
  EXPECT_EQ(said.volumes.at("redis").mode, Mode::Live);
}

TEST(PolicyFile, ReportsEveryMistakeWithItsLine) {
  EXPECT_EQ(complaints("volume redis\nservice web\n",
                       "volumes:\n"
                       "  redsi: {backup: true}\n"
                       "  redis:\n"
                       "    backup: maybe\n"
                       "    bakcup: true\n"
                       "    exclude: {a: b}\n"
                       "services:\n"
                       "  wbe: {backup: true}\n"
                       "volume: {}\n"),
            "config file, line 2: the project has no volume redsi (did you mean redis?)\n"
            "config file, line 4: cofferdam.backup: \"maybe\" is neither true nor false\n"
            "config file, line 5: cofferdam.bakcup is unknown (did you mean cofferdam.backup?)\n"
            "config file, line 6: cofferdam.exclude: an entry is empty\n"
            "config file, line 6: should be a value or a list of values\n"
            "config file, line 8: the project has no service wbe (did you mean web?)\n"
            "config file, line 9: volume is unknown (did you mean volumes?)");
}

TEST(PolicyFile, MustNotContradictItself) {
  EXPECT_EQ(
      complaints("volume redis\n", "volumes:\n  redis: {backup: true}\n  redis: {backup: true}\n"),
      "config file, line 3: redis is there twice");
}

TEST(PolicyFile, MayNameDestinationsForCopies) {
  EXPECT_EQ(complaints("volume redis\n", "destinations:\n  offsite: {bucket: far}\n"), "fine");
}

TEST(PolicyFile, MustBeYaml) {
  EXPECT_EQ(complaints("volume redis\n", "volumes: [1\nx: {"),
            "config file, line 2: end of sequence flow not found");
  EXPECT_EQ(complaints("volume redis\n", "backup everything"),
            "config file, line 1: the file should map names to values");
}

TEST(PolicyFile, MaySayNothing) {
  EXPECT_EQ(complaints("volume redis\n", ""), "fine");
  EXPECT_EQ(complaints("volume redis\n", "# nothing yet\nvolumes:\nservices:\n"), "fine");
}

TEST(EditDistance, CountsLetters) {
  EXPECT_EQ(controller::edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(controller::edit_distance("", "abc"), 3U);
  EXPECT_EQ(controller::edit_distance("abc", "abc"), 0U);
}

TEST(DidYouMean, KeepsQuietIfNothingIsNear) {
  EXPECT_EQ(controller::did_you_mean("postgers", {"redis", "postgres"}),
            " (did you mean postgres?)");
  EXPECT_EQ(controller::did_you_mean("elephant", {"redis", "postgres"}), "");
  EXPECT_EQ(controller::did_you_mean("x", {"db"}), "");
}

}  // namespace
