#include "controller/cli/plugin_install.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/cli/exit_code.h"
#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

using std::filesystem::perms;

class PluginInstallTest : public testing::Test {
 protected:
  PluginInstallTest() {
    write_file(built_ / "docker-backup", "new");
    std::filesystem::permissions(built_ / "docker-backup", perms::owner_read);
  }

  TemporaryDirectory built_;
  TemporaryDirectory plugins_;
};

TEST_F(PluginInstallTest, EverybodyCanRunWhatItPutsInPlace) {
  const auto path = install_plugin(built_ / "docker-backup", plugins_ / "");

  EXPECT_EQ(path.filename(), "docker-backup");
  EXPECT_EQ(read_file(plugins_ / "docker-backup"), "new");
  EXPECT_EQ(std::filesystem::status(path).permissions(), perms(0755));
}

// A program that runs cannot be written, and must not change under whoever runs it.
TEST_F(PluginInstallTest, ReplacesAnOlderOneByAnotherFile) {
  write_file(plugins_ / "docker-backup", "an older one, and longer");
  std::filesystem::create_hard_link(plugins_ / "docker-backup", built_ / "in use");

  install_plugin(built_ / "docker-backup", plugins_ / "");

  EXPECT_EQ(read_file(plugins_ / "docker-backup"), "new");
  EXPECT_EQ(read_file(built_ / "in use"), "an older one, and longer");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(plugins_ / ""), {}), 1);
}

TEST_F(PluginInstallTest, SaysHowToMountTheFolder) {
  try {
    install_plugin(built_ / "docker-backup", plugins_ / "missing");
    FAIL() << "there is no such folder";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("-v ~/.docker/cli-plugins:"));
  }
}

TEST_F(PluginInstallTest, LeavesTheOlderOneIfThereIsNone) {
  write_file(plugins_ / "docker-backup", "older");

  EXPECT_THROW(install_plugin(built_ / "nothing", plugins_ / ""), std::system_error);

  EXPECT_EQ(read_file(plugins_ / "docker-backup"), "older");
}

}  // namespace
}  // namespace controller
