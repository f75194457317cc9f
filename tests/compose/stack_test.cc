#include "compose/stack.h"

#include <gtest/gtest.h>

#include "tests/compose/stack_text.h"

namespace {

using compose_test::stack_of;

std::string services(const std::string& text) {
  std::string out;
  for (const auto& service : stack_of(text).services) {
    out += service.name + ":";
    for (const auto& container : service.replicas) {
      out += " " + container.name;
    }
    for (const auto& container : service.one_offs) {
      out += " (" + container.name + ")";
    }
    out += "\n";
  }
  return out;
}

std::string edges(const std::string& text) {
  std::string out;
  for (const auto& edge : stack_of(text).dependencies) {
    out += edge.from + " -> " + edge.to + " " + std::string(to_string(edge.condition)) +
           (edge.restart ? " restart" : "") + (edge.is_namespace ? " " + edge.shared : "") + "\n";
  }
  return out;
}

std::string volumes(const std::string& text) {
  std::string out;
  for (const auto& volume : stack_of(text).volumes) {
    out += volume.key + " " + std::string(to_string(volume.kind));
    for (const auto& user : volume.users) {
      out += std::string(user.writes ? " rw:" : " ro:") + user.node + (user.alive ? "" : "(down)");
    }
    out += volume.same_as.empty() ? "\n" : " same as " + volume.same_as + "\n";
  }
  return out;
}

std::string observations(const std::string& text) {
  std::string out;
  for (const auto& line : stack_of(text).observations) {
    out += line + "\n";
  }
  return out;
}

std::string networks(const std::string& text) {
  std::string out;
  for (const auto& network : stack_of(text).networks) {
    out += network.key + " " + network.network.name + (network.is_external ? " external:" : ":");
    for (const auto& name : network.services) {
      out += " " + name;
    }
    out += "\n";
  }
  return out;
}

TEST(Stack, GroupsReplicasByServiceAndKeepsOneOffsApart) {
  EXPECT_EQ(services("service web n=1\n"
                     "service db\n"
                     "service web n=2\n"
                     "service web n=7 oneoff\n"),
            "db: shop-db-1\n"
            "web: shop-web-1 shop-web-2 (shop-web-7)\n");
}

TEST(Stack, LeavesOutOtherProjectsAndWhatComposeDidNotMake) {
  const std::string text =
      "service web\n"
      "service blog project=other\n"
      "service copy nohash\n"
      "container probe\n";

  EXPECT_EQ(services(text), "web: shop-web-1\n");
  EXPECT_EQ(observations(text),
            "shop-copy-1: carries the project's label, but Compose did not make it\n");
}

TEST(Stack, ForgetsOurOwnHelpers) {
  EXPECT_EQ(volumes("volume redis\n"
                    "service redis rw=redis:/data\n"
                    "container capture helper ro=shop_redis:/in\n"),
            "redis named rw:redis\n");
}

TEST(Stack, KnowsItsNetworksAndThoseOfOthersThatItUses) {
  EXPECT_EQ(networks("network default\n"
                     "network unused\n"
                     "outside edge\n"
                     "outside elsewhere\n"
                     "outside blog_default com.docker.compose.project=blog\n"
                     "service web joins=default,edge n=1\n"
                     "service web joins=default n=2\n"
                     "service db joins=default,blog_default state=exited\n"
                     "container probe joins=elsewhere\n"),
            "blog_default blog_default external: db\n"
            "default shop_default: db web\n"
            "edge edge external: web\n"
            "unused shop_unused:\n");
}

TEST(Stack, RecordsANetworkThatOnlyAOneOffContainerUses) {
  EXPECT_EQ(networks("outside edge\n"
                     "service web oneoff joins=edge\n"),
            "edge edge external:\n");
}

TEST(Stack, LeavesOutTheEnginesOwnNetworks) {
  EXPECT_EQ(networks("outside bridge\n"
                     "outside host\n"
                     "outside none\n"
                     "service web joins=host\n"
                     "service old joins=bridge,gone\n"
                     "service alone joins=none\n"),
            "");
}

TEST(Stack, KeysANetworkWithoutComposesKeyByItsName) {
  EXPECT_EQ(networks("outside shop_front com.docker.compose.project=shop\n"
                     "outside back com.docker.compose.project=shop\n"),
            "back back:\n"
            "front shop_front:\n");
}

TEST(Stack, KnowsAllProjects) {
  const auto parsed = compose_test::parse(
      "service web\n"
      "service blog project=other\n"
      "container probe\n");

  EXPECT_EQ(compose::projects(parsed.seen), (std::vector<std::string>{"other", "shop"}));
}

TEST(Stack, TakesTheDefinitionFromTheNewestContainer) {
  const auto stack = stack_of(
      "service web label=com.docker.compose.project.working_dir=/old "
      "label=com.docker.compose.project.config_files=/old/compose.yml\n"
      "service db label=com.docker.compose.project.working_dir=/new "
      "label=com.docker.compose.project.config_files=/new/a.yml,/new/b.yml "
      "label=com.docker.compose.project.environment_file=/new/.env\n");

  EXPECT_EQ(stack.working_directory, "/new");
  EXPECT_EQ(stack.config_files, (std::vector<std::string>{"/new/a.yml", "/new/b.yml"}));
  EXPECT_EQ(stack.environment_file, "/new/.env");
}

TEST(Dependencies, AreReadFromEveryFormOfTheLabel) {
  EXPECT_EQ(edges("service app "
                  "needs=mig:service_completed_successfully:false,cache:service_started:true,"
                  "db:service_healthy:true\n"
                  "service old needs=db\n"
                  "service older needs=db:service_healthy\n"
                  "service none needs=\n"),
            "app -> cache service_started restart\n"
            "app -> db service_healthy restart\n"
            "app -> mig service_completed_successfully\n"
            "old -> db running_or_healthy restart\n"
            "older -> db service_healthy restart\n");
}

TEST(Dependencies, WithAnUnknownConditionAreKeptAndReported) {
  const std::string text = "service app needs=db:service_blessed:false\nservice db\n";

  EXPECT_EQ(edges(text), "app -> db running_or_healthy\n");
  EXPECT_EQ(observations(text),
            "app: depends_on db has a condition unknown to this version: service_blessed\n");
}

TEST(Dependencies, FollowSharedNamespaces) {
  EXPECT_EQ(edges("service vpn\n"
                  "service torrent net=shop-vpn-1 needs=vpn:service_healthy:true\n"
                  "service trace pid=shop-torrent-1\n"
                  "service shm ipc=shop-torrent-1\n"),
            "shm -> torrent service_started ipc\n"
            "torrent -> vpn service_healthy restart network\n"
            "trace -> torrent service_started pid\n");
}

TEST(Dependencies, CrossProjects) {
  EXPECT_EQ(edges("service vpn project=net\n"
                  "service tun project=net needs=vpn:service_started:false\n"
                  "service web net=net-vpn-1\n"
                  "container probe net=shop-web-1\n"),
            "/probe -> web service_started network\n"
            "net/tun -> net/vpn service_started\n"
            "web -> net/vpn service_started network\n");
}

TEST(Dependencies, OfVolumesFromAreOrderOnly) {
  EXPECT_EQ(edges("service store\nservice web from=shop-store-1:ro\n"),
            "web -> store service_started\n");
}

TEST(Dependencies, OnAContainerThatIsGoneAreReported) {
  const std::string text = "service web net=0123456789abcdef\n";

  EXPECT_EQ(edges(text), "");
  EXPECT_EQ(observations(text), "shop-web-1: shares the network of a container that is gone\n");
}

TEST(Volumes, ListsWritersAndReadersOfAnyProject) {
  EXPECT_EQ(volumes("volume redis\n"
                    "service redis rw=redis:/data\n"
                    "service report ro=redis:/in state=exited\n"
                    "service blog project=other rw=shop_redis:/x\n"
                    "service task oneoff rw=redis:/data\n"
                    "container probe ro=shop_redis:/y\n"),
            "redis named rw:redis ro:report(down) rw:other/blog rw:/shop-task-1 ro:/probe\n");
}

TEST(Volumes, TellTheirKind) {
  EXPECT_EQ(volumes("volume unused\n"
                    "volume site opt:type=none opt:o=bind opt:device=/srv/site\n"
                    "volume host opt:type=none opt:o=rbind,ro opt:device=/proc\n"
                    "volume share opt:type=nfs opt:device=:/x opt:o=addr=10.0.0.1\n"
                    "volume quick opt:type=tmpfs opt:device=tmpfs\n"
                    "volume cloud driver=rclone\n"
                    "external media\n"
                    "external shop_photos\n"
                    "service web rw=media:/m rw=shop_photos:/p\n"),
            "cloud plugin\n"
            "host special\n"
            "media external rw:web\n"
            "photos external rw:web\n"
            "quick tmpfs-volume\n"
            "share network\n"
            "site bind-volume\n"
            "unused named\n");
}

TEST(Volumes, WithoutAnyTieToTheProjectAreNotItsOwn) {
  EXPECT_EQ(volumes("external media\nservice blog project=other rw=media:/m\nservice web\n"), "");
}

TEST(Volumes, AnonymousOnesGoByWhereTheyAreMounted) {
  EXPECT_EQ(volumes("service web n=2 anonymous=/cache\n"
                    "service job oneoff anonymous=/tmp/x\n"),
            "shop-job-1:/tmp/x anonymous rw:/shop-job-1\n"
            "web/2:/cache anonymous rw:web\n");
}

TEST(Volumes, BindsOfTheHostItselfAreSpecial) {
  EXPECT_EQ(volumes("volume plain\n"
                    "service web rw=/srv/conf:/c ro=/etc/app.conf:/a ro=/:/host ro=/proc:/p "
                    "ro=/sys/fs/cgroup:/s rw=/dev/dri:/d rw=/var/run/docker.sock:/k "
                    "ro=/var/lib/docker/volumes:/v ro=/var/lib:/l ro=/run/app:/r\n"),
            "/ special ro:web\n"
            "/dev/dri special rw:web\n"
            "/etc/app.conf bind ro:web\n"
            "/proc special ro:web\n"
            "/run/app bind ro:web\n"
            "/srv/conf bind rw:web\n"
            "/sys/fs/cgroup special ro:web\n"
            "/var/lib special ro:web\n"
            "/var/lib/docker/volumes special ro:web\n"
            "/var/run/docker.sock special rw:web\n"
            "plain named\n");
}

// Told by where the engine keeps its volumes.
TEST(Volumes, BindsOfAMovedEngineRootAreSpecial) {
  auto parsed = compose_test::parse(
      "volume redis\n"
      "service web rw=/mnt/engine/overlay2:/x ro=/var/lib/docker/x:/y\n");
  parsed.seen.volumes.front().mountpoint = "/mnt/engine/volumes/shop_redis/_data";

  const auto stack = compose::read_stack(parsed.seen, "shop", std::nullopt);

  EXPECT_EQ(stack.volumes[0].key, "/mnt/engine/overlay2");
  EXPECT_EQ(stack.volumes[0].kind, compose::StackVolume::Kind::Special);
  EXPECT_EQ(stack.volumes[1].kind, compose::StackVolume::Kind::Bind);
}

TEST(Volumes, ShowTheSameDirectoryOnce) {
  EXPECT_EQ(volumes("volume a opt:type=none opt:o=bind opt:device=/srv/x/\n"
                    "volume b opt:type=none opt:o=bind opt:device=/srv/x\n"
                    "volume c opt:type=nfs opt:device=:/x opt:o=addr=1\n"
                    "volume d opt:type=nfs opt:device=:/x opt:o=addr=1\n"
                    "volume e opt:type=nfs opt:device=:/x opt:o=addr=2\n"
                    "service web rw=/srv/x:/x\n"),
            "/srv/x bind rw:web\n"
            "a bind-volume same as /srv/x\n"
            "b bind-volume same as /srv/x\n"
            "c network\n"
            "d network same as c\n"
            "e network\n");
}

TEST(Volumes, KeysStayApartWhereNamesMeet) {
  auto parsed = compose_test::parse(
      "volume media\n"
      "external media\n"
      "service web rw=media:/own\n");
  parsed.seen.containers.front().mounts.push_back(
      {dockerapi::Mount::Kind::Volume, "media", "/x", "/other", "local", false, {}});

  const auto stack = compose::read_stack(parsed.seen, "shop", std::nullopt);

  ASSERT_EQ(stack.volumes.size(), 2U);
  EXPECT_EQ(stack.volumes[0].name + " " + stack.volumes[0].key, "shop_media media");
  EXPECT_EQ(stack.volumes[1].name + " " + stack.volumes[1].key, "media volume:media");
}

TEST(Volumes, OfSwarmTasksAreReported) {
  EXPECT_EQ(observations("volume redis\n"
                         "container stack_web.1.x task rw=shop_redis:/data\n"
                         "container stack_web.2.y task\n"),
            "stack_web.1.x: a task of a Swarm uses a volume of this project\n");
}

TEST(Volumes, OfTmpfsAreListedApart) {
  const auto stack = stack_of("service web tmpfs=/tmp\nservice web n=2 tmpfs=/tmp tmpfs=/run\n");

  EXPECT_EQ(stack.tmpfs_mounts, (std::vector<std::string>{"web: /run", "web: /tmp"}));
}

TEST(Nodes, LeadToTheirContainers) {
  const auto stack = stack_of(
      "service web\n"
      "service web n=2\n"
      "service web n=3 oneoff\n"
      "service web project=other\n"
      "container web\n");

  std::string names;
  for (const auto* node : {"web", "/shop-web-3", "other/web", "/web", "nobody"}) {
    names += std::string(node) + ":";
    for (const auto* container : compose::containers_of(stack, node)) {
      names += " " + container->name;
    }
    names += "\n";
  }

  EXPECT_EQ(names,
            "web: shop-web-1 shop-web-2\n"
            "/shop-web-3: shop-web-3\n"
            "other/web: other-web-1\n"
            "/web: web\n"
            "nobody:\n");
}

}  // namespace
