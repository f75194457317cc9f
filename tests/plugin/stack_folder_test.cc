#include "plugin/stack_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/fakes/temporary_folder.h"

namespace plugin {
namespace {

TEST(PluginStackFolder, IsTheNearestWithAComposeFile) {
  const TemporaryFolder folder;
  const auto stack = folder.path() / "shop";
  std::filesystem::create_directories(stack / "config" / "proxy");
  std::ofstream(stack / "compose.yaml").flush();

  EXPECT_EQ(stack_folder(stack), stack);
  EXPECT_EQ(stack_folder(stack / "config" / "proxy"), stack);
}

TEST(PluginStackFolder, IsTheStartWhereNoneHasOne) {
  const TemporaryFolder folder;

  EXPECT_EQ(stack_folder(folder.path()), folder.path());
}

TEST(PluginStackFolder, ReadsTheProjectFromDotenv) {
  EXPECT_EQ(project_in_dotenv("A=1\nCOMPOSE_PROJECT_NAME=shop\nB=2\n"), "shop");
  EXPECT_EQ(project_in_dotenv("COMPOSE_PROJECT_NAME=shop # ours\r\n"), "shop");
  EXPECT_EQ(project_in_dotenv("export COMPOSE_PROJECT_NAME = 'shop'"), "shop");
  EXPECT_EQ(project_in_dotenv("COMPOSE_PROJECT_NAME=\"shop\" # ours"), "shop");
  EXPECT_EQ(project_in_dotenv("COMPOSE_PROJECT_NAME=old\nCOMPOSE_PROJECT_NAME=new"), "new");
}

TEST(PluginStackFolder, ReadsNoProjectWhereDotenvHasNone) {
  EXPECT_EQ(project_in_dotenv(""), std::nullopt);
  EXPECT_EQ(project_in_dotenv("# COMPOSE_PROJECT_NAME=shop\nMY_COMPOSE_PROJECT_NAME=shop"),
            std::nullopt);
  EXPECT_EQ(project_in_dotenv("COMPOSE_PROJECT_NAME=\n"), std::nullopt);
}

TEST(PluginStackFolder, ReadsTheProjectFromWhatComposeSays) {
  EXPECT_EQ(project_in_config(R"({"name": "shop", "services": {}})"), "shop");
  EXPECT_EQ(project_in_config(R"({"name": 1})"), std::nullopt);
  EXPECT_EQ(project_in_config("no configuration file provided"), std::nullopt);
}

}  // namespace
}  // namespace plugin
