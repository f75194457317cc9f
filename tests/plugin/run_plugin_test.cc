#include "plugin/run_plugin.h"

#include <gtest/gtest.h>

namespace plugin {
namespace {

TEST(PluginMetadata, IsWhatTheCliReads) {
  EXPECT_EQ(metadata(), R"({"SchemaVersion":"0.1.0","Vendor":"Cofferdam",)"
                        R"("Version":"v)" COFFERDAM_VERSION R"(",)"
                        R"("ShortDescription":"Back up and restore a Compose stack",)"
                        R"("URL":"https://github.com/cofferdam/cofferdam"})");
}

TEST(PluginRun, AnswersWithoutAnEngine) {
  EXPECT_EQ(run_plugin({"docker-cli-plugin-metadata"}), 0);
  EXPECT_EQ(run_plugin({"backup", "--help"}), 0);
  EXPECT_EQ(run_plugin({"create"}), 2);
}

}  // namespace
}  // namespace plugin
