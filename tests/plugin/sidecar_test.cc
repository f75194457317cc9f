#include "plugin/sidecar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/temporary_folder.h"

namespace plugin {
namespace {

using testing::HasSubstr;

const MeantProject kShop{"shop", "--project"};

Sidecar sidecar(const std::string& project, const std::string& state = "running") {
  return {"id-" + project + "-" + state, state, project + "-cofferdam-1", project,
          "/srv/" + project};
}

/// What is said where there is no sidecar for `kShop`.
std::string complaint(const std::vector<Sidecar>& sidecars) {
  try {
    return "found " + sidecar_of(kShop, sidecars).id;
  } catch (const NoSidecar& error) {
    return error.what();
  }
}

TEST(PluginSidecar, ReadsWhatDockerLists) {
  EXPECT_EQ(sidecars_in("12ab\trunning\tshop-cofferdam-1\tshop\t/srv/shop\n"
                        "34cd\texited\twiki-backup-1\twiki\t/srv/a\ttab\n"),
            (std::vector<Sidecar>{{"12ab", "running", "shop-cofferdam-1", "shop", "/srv/shop"},
                                  {"34cd", "exited", "wiki-backup-1", "wiki", "/srv/a\ttab"}}));
  EXPECT_EQ(sidecars_in(""), std::vector<Sidecar>{});
}

TEST(PluginSidecar, IsTheRunningOneOfTheProject) {
  EXPECT_EQ(sidecar_of(kShop, {sidecar("wiki"), sidecar("shop")}), sidecar("shop"));
  EXPECT_EQ(sidecar_of(kShop, {sidecar("shop", "exited"), sidecar("shop")}), sidecar("shop"));
}

TEST(PluginSidecar, SaysWhichProjectsHaveOne) {
  EXPECT_EQ(complaint({sidecar("wiki"), sidecar("blog")}),
            "the project shop (--project) has no sidecar on this engine; this engine has sidecars "
            "of: blog, wiki (choose with --project)");
  EXPECT_THAT(complaint({}), HasSubstr("deploy the sidecar, or choose another engine"));
}

TEST(PluginSidecar, SaysHowToStartOneThatDoesNotRun) {
  EXPECT_EQ(complaint({sidecar("shop", "exited")}),
            "the sidecar shop-cofferdam-1 of the project shop (--project) does not run, it is "
            "exited; start it with `docker start shop-cofferdam-1`");
  EXPECT_THAT(complaint({sidecar("shop", "paused")}), HasSubstr("docker unpause shop-cofferdam-1"));
  EXPECT_THAT(complaint({sidecar("shop", "restarting")}),
              HasSubstr("docker logs shop-cofferdam-1"));
}

TEST(PluginSidecar, RefusesToChooseAmongSeveral) {
  auto second = sidecar("shop");
  second.name = "shop-cofferdam-2";

  EXPECT_THAT(complaint({sidecar("shop"), second}),
              HasSubstr("has several sidecars: shop-cofferdam-1, shop-cofferdam-2; "));
}

TEST(PluginSidecar, BelongsToTheFolderItWasDeployedFrom) {
  EXPECT_EQ(project_deployed_from("/srv/shop", {sidecar("wiki"), sidecar("shop", "exited")}),
            (MeantProject{"shop", "deployed from /srv/shop"}));
  EXPECT_EQ(project_deployed_from("/srv", {sidecar("shop")}), std::nullopt);
}

TEST(PluginSidecar, BelongsToTheFolderAlsoThroughALink) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "real");
  std::filesystem::create_symlink("real", folder.path() / "link");
  auto shop = sidecar("shop");
  shop.folder = folder.path() / "link";

  EXPECT_TRUE(project_deployed_from(folder.path() / "real", {shop}).has_value());
}

TEST(PluginSidecar, IsNotChosenByAFolderOfSeveralProjects) {
  auto second = sidecar("wiki");
  second.folder = "/srv/shop";

  EXPECT_EQ(project_deployed_from("/srv/shop", {sidecar("shop"), second}), std::nullopt);
}

}  // namespace
}  // namespace plugin
