#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "compose/observe.h"
#include "tests/fakes/fake_engine.h"

namespace {

using dockerapi::Container;
using dockerapi::ContainerId;
using dockerapi::Mount;

std::string id_of(char digit) {
  return std::string(64, digit);
}

/// The files that we make are seen in one container only: in ours.
class EngineWithOurFiles : public fakes::FakeEngine {
 public:
  std::optional<dockerapi::PathStat> stat_path(const ContainerId& id,
                                               const std::string& path) override {
    asked.push_back(id.value.front());
    return id == ours && std::filesystem::exists(path) ? std::optional(dockerapi::PathStat{path, 0})
                                                       : std::nullopt;
  }

  ContainerId ours;
  std::string asked;  // first digits of the ids
};

class FindSelf : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "nonceXXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    process_.scratch = directory_;
    process_.mount_table = "1 0 0:1 / / rw - overlay overlay rw\n";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void add(char digit, const std::string& upper = "", std::vector<Mount> mounts = {},
           const std::string& started_at = "2026-01-01T00:00:00Z") {
    Container container;
    container.id.value = id_of(digit);
    container.name = std::string("c") + digit;
    container.image = "app:1";
    container.state = dockerapi::ContainerState::Running;
    container.upper_directory = upper;
    container.mounts = std::move(mounts);
    container.started_at = started_at;
    engine_.add_container(container);
  }

  void sees_hosts_file_of(char digit) {
    process_.mount_table += "2 1 8:1 /var/lib/docker/containers/" + id_of(digit) +
                            "/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n";
  }

  std::string found() {
    const auto self = compose::find_self(engine_, process_);
    return self ? std::string(1, self->id.value.front()) : "nobody";
  }

  EngineWithOurFiles engine_;
  compose::OwnProcess process_;

 private:
  std::string directory_;
};

Mount socket_mount() {
  Mount mount;
  mount.kind = Mount::Kind::Bind;
  mount.source = "/var/run/docker.sock";
  mount.destination = "/var/run/docker.sock";
  return mount;
}

Mount store_mount(const std::string& name) {
  Mount mount;
  mount.kind = Mount::Kind::Volume;
  mount.name = name;
  mount.source = "/var/lib/docker/volumes/" + name + "/_data";
  mount.destination = "/backups";
  return mount;
}

TEST_F(FindSelf, GoesByTheOverlayDirectory) {
  add('a', "/o/a/diff");
  add('b', "/o/b/diff");
  process_.mount_table =
      "1 0 0:1 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/o/b/diff,workdir=/w\n";

  EXPECT_EQ(found(), "b");
  EXPECT_EQ(engine_.asked, "");
}

// Its host name, its /etc/hosts and its resolv.conf are ours, too.
TEST_F(FindSelf, DoesNotTakeTheOwnerOfOurNetworkForUs) {
  add('a', "/o/a/diff");
  add('b', "/o/b/diff");
  process_.mount_table = "1 0 0:1 / / rw - overlay overlay rw,upperdir=/o/b/diff\n";
  sees_hosts_file_of('a');
  process_.hostname = "aaaaaaaaaaaa";

  EXPECT_EQ(found(), "b");
}

TEST_F(FindSelf, DoesNotTakeTheOwnerOfOurNetworkForUsWithoutOverlay) {
  add('a');
  add('b');
  engine_.ours.value = id_of('b');
  sees_hosts_file_of('a');
  process_.hostname = "aaaaaaaaaaaa";

  EXPECT_EQ(found(), "b");
}

TEST_F(FindSelf, AsksTheLikeliestFirst) {
  add('a');
  add('b');
  add('c');
  engine_.ours.value = id_of('c');
  sees_hosts_file_of('c');
  EXPECT_EQ(found(), "c");
  EXPECT_EQ(engine_.asked, "c");
}

TEST_F(FindSelf, TakesHintsFromCgroupAndHostName) {
  add('a');
  add('b');
  add('c');
  engine_.ours.value = id_of('b');
  process_.cgroups = "4:memory:/docker/" + id_of('b') + "\n";
  process_.hostname = "cccccccccccc";

  EXPECT_EQ(found(), "b");
  EXPECT_EQ(engine_.asked, "b");
}

TEST_F(FindSelf, LeavesNoFileBehind) {
  add('a');
  engine_.ours.value = id_of('a');

  EXPECT_EQ(found(), "a");
  EXPECT_TRUE(std::filesystem::is_empty(process_.scratch));
}

TEST_F(FindSelf, IsNobodyOnAForeignEngine) {
  add('a', "", {socket_mount()});
  process_.hostname = "aaaaaaaaaaaa";

  EXPECT_EQ(found(), "nobody");
}

TEST_F(FindSelf, IsNeverAContainerThatIsDown) {
  add('a', "/o/a/diff");
  engine_.stop({id_of('a')}, std::nullopt);
  process_.mount_table = "1 0 0:1 / / rw - overlay overlay rw,upperdir=/o/a/diff\n";

  EXPECT_EQ(found(), "nobody");
}

class FindSelfReadOnly : public FindSelf {
 protected:
  void SetUp() override {
    FindSelf::SetUp();
    process_.scratch += "/missing";
    process_.mount_table +=
        "3 1 0:20 / /tmp rw - tmpfs tmpfs rw\n"
        "4 1 0:21 / /proc rw - proc proc rw\n"
        "5 1 0:22 /docker.sock /var/run/docker.sock rw - tmpfs tmpfs rw\n"
        "6 1 8:1 /var/lib/docker/volumes/store/_data /backups rw - ext4 /dev/sda1 rw\n";
  }
};

TEST_F(FindSelfReadOnly, GoesByTheMounts) {
  add('a', "", {socket_mount()});
  add('b', "", {socket_mount(), store_mount("other")});
  add('c', "", {socket_mount(), store_mount("store")});
  add('d');

  EXPECT_EQ(found(), "c");
}

TEST_F(FindSelfReadOnly, TellsTwinsApartByTheirStart) {
  add('a', "", {socket_mount(), store_mount("store")}, "2026-01-01T00:00:00.5Z");
  add('b', "", {socket_mount(), store_mount("store")}, "2026-02-03T04:05:06.123456789Z");
  process_.started_at = 1770091507;  // 2026-02-03T04:05:07Z

  EXPECT_EQ(found(), "b");
}

TEST_F(FindSelfReadOnly, RatherKnowsNobodyThanTheWrongOne) {
  add('a', "", {socket_mount(), store_mount("store")});
  add('b', "", {socket_mount(), store_mount("store")});

  EXPECT_EQ(found(), "nobody");
}

TEST_F(FindSelf, TrustsNoFileInAVolumeThatOthersMayShare) {
  add('a');
  engine_.ours.value = id_of('a');
  process_.mount_table += "3 1 8:1 /x " + process_.scratch + " rw - ext4 /dev/sda1 rw\n";

  EXPECT_EQ(found(), "nobody");
  EXPECT_EQ(engine_.asked, "");
}

TEST(OwnProcess, ReadsTheRealOne) {
  const auto process = compose::own_process();

  EXPECT_NE(process.mount_table.find(" / "), std::string::npos);
  EXPECT_FALSE(process.cgroups.empty());
  EXPECT_FALSE(process.hostname.empty());
  EXPECT_GT(process.started_at, 1'600'000'000);
}

TEST(Observe, SeesContainersAndVolumes) {
  fakes::FakeEngine engine;
  Container container;
  container.name = "web";
  container.image = "app:1";
  container.mounts = {store_mount("store")};
  engine.add_container(container);

  const auto seen = compose::observe(engine);

  ASSERT_EQ(seen.containers.size(), 1U);
  EXPECT_EQ(seen.containers.front().name, "web");
  ASSERT_EQ(seen.volumes.size(), 1U);
  EXPECT_EQ(seen.volumes.front().name, "store");
}

}  // namespace
