#include "controller/archive/tree_removal.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>
#include <system_error>

#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/archive/torture_tree.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

class TreeRemovalTest : public testing::Test {
 protected:
  TreeRemovalTest() {
    fs::create_directory(tree_);
    fs::create_directory(directory_ / "outside");
    write_file(directory_ / "outside/precious", "x");
  }

  TemporaryDirectory directory_;
  fs::path tree_ = directory_ / "tree";
};

TEST_F(TreeRemovalTest, RemovesATortureTree) {
  make_torture_tree(tree_);

  remove_tree(tree_);

  EXPECT_FALSE(fs::exists(tree_));
}

TEST_F(TreeRemovalTest, FollowsNoLink) {
  fs::create_directory_symlink(directory_ / "outside", tree_ / "link");
  fs::create_hard_link(directory_ / "outside/precious", tree_ / "hard");

  empty_directory(tree_);

  EXPECT_TRUE(fs::is_empty(tree_));
  EXPECT_EQ(read_file(directory_ / "outside/precious"), "x");
}

TEST_F(TreeRemovalTest, OfALinkRemovesNothing) {
  fs::create_directory_symlink(directory_ / "outside", directory_ / "link");

  EXPECT_THROW(remove_tree(directory_ / "link"), std::system_error);
  EXPECT_TRUE(fs::exists(directory_ / "outside/precious"));
}

TEST_F(TreeRemovalTest, EntersNoOtherFileSystem) {
  fs::create_directories(tree_ / "d/mounted");
  write_file(tree_ / "d/ours", "x");
  ASSERT_EQ(::mount("tmpfs", (tree_ / "d/mounted").c_str(), "tmpfs", 0, ""), 0)
      << "these tests run as root";
  write_file(tree_ / "d/mounted/theirs", "x");

  EXPECT_THROW(remove_tree(tree_), std::system_error);

  EXPECT_TRUE(fs::exists(tree_ / "d/mounted/theirs"));
  EXPECT_FALSE(fs::exists(tree_ / "d/ours"));
  EXPECT_EQ(::umount((tree_ / "d/mounted").c_str()), 0);
}

TEST_F(TreeRemovalTest, OfWhatIsNotThereIsNoError) {
  remove_tree(directory_ / "absent");
}

}  // namespace
}  // namespace controller
