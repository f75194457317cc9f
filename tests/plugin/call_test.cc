#include "plugin/call.h"

#include <gtest/gtest.h>

namespace plugin {
namespace {

using Words = std::vector<std::string>;

TEST(PluginCall, LeavesTheCommandAsItWasTyped) {
  const auto call = parse_call({"backup", "create", "--name", "weekly", "--json"});

  EXPECT_EQ(call, (Call{CallKind::Command, {}, "", {"create", "--name", "weekly", "--json"}}));
}

TEST(PluginCall, KeepsTheGlobalOptionsOfTheCli) {
  const auto call = parse_call({"--context", "far", "--tls", "-H", "backup", "--config=/c",
                                "--tlskey", "k", "backup", "list"});

  EXPECT_EQ(call.globals,
            (Words{"--context", "far", "--tls", "-H", "backup", "--config=/c", "--tlskey", "k"}));
  EXPECT_EQ(call.words, Words{"list"});
}

TEST(PluginCall, TakesTheProjectInEveryForm) {
  const Call expected{CallKind::Command, {}, "shop", {"create", "--queue"}};

  EXPECT_EQ(parse_call({"backup", "-p", "shop", "create", "--queue"}), expected);
  EXPECT_EQ(parse_call({"backup", "create", "--project", "shop", "--queue"}), expected);
  EXPECT_EQ(parse_call({"backup", "create", "--queue", "--project=shop"}), expected);
  EXPECT_EQ(parse_call({"backup", "-pshop", "create", "--queue"}), expected);
}

TEST(PluginCall, LeavesWhatStandsBehindTwoDashes) {
  const auto call = parse_call({"backup", "show", "--", "-p"});

  EXPECT_EQ(call.project, "");
  EXPECT_EQ(call.words, (Words{"show", "--", "-p"}));
}

TEST(PluginCall, RefusesAProjectWithoutAName) {
  EXPECT_THROW(parse_call({"backup", "create", "-p"}), CallError);
  EXPECT_THROW(parse_call({"backup", "create", "--project=", "shop"}), CallError);
}

TEST(PluginCall, KnowsWhatTheCliAsksItself) {
  EXPECT_EQ(parse_call({"docker-cli-plugin-metadata"}).kind, CallKind::Metadata);
  EXPECT_EQ(parse_call({"help", "backup"}).kind, CallKind::Help);
  EXPECT_EQ(parse_call({"backup"}).kind, CallKind::Help);
  EXPECT_EQ(parse_call({"backup", "--help"}).kind, CallKind::Help);
  EXPECT_EQ(parse_call({"backup", "-p", "shop", "-h"}).kind, CallKind::Help);
  EXPECT_EQ(parse_call({"backup", "create", "--help"}).kind, CallKind::Command)
      << "which Cofferdam explains";
}

TEST(PluginCall, CompletesWhatIsTypedForTheProject) {
  EXPECT_EQ(parse_call({"__complete", "backup", "-p", "shop", "restore", ""}),
            (Call{CallKind::Complete, {}, "shop", {"restore", ""}}));
  EXPECT_EQ(parse_call({"__complete", "backup", "-p"}), (Call{CallKind::Complete, {}, "", {"-p"}}))
      << "it is not said yet";
}

TEST(PluginCall, RunsOnlyAsAPlugin) {
  EXPECT_THROW(parse_call({}), CallError);
  EXPECT_THROW(parse_call({"create"}), CallError);
  EXPECT_THROW(parse_call({"--context"}), CallError);
}

}  // namespace
}  // namespace plugin
