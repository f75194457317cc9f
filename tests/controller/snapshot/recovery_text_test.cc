// P9: what RECOVERY.txt says is run here as it stands, by bash with stock tools.  Only `docker` is
// a stand-in, which keeps volumes as directories and writes down what Compose was asked.
#include "controller/snapshot/recovery_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "controller/archive/volume_archive.h"
#include "controller/snapshot/recovery_commands.h"
#include "controller/snapshot/shell_quote.h"
#include "tests/controller/archive/temporary_directory.h"
#include "tests/controller/snapshot/example_manifest.h"
#include "tests/controller/snapshot/full_snapshot.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

/// docker volume inspect|create, run, compose; anything else fails.
constexpr std::string_view kDocker = R"(#!/bin/bash
set -eu
printf '%s\n' "${@@Q}" >> "$LOG"
case "$1 $2" in
  'volume inspect') test -d "$VOLUMES/${*: -1}" ;;
  'volume create') mkdir "$VOLUMES/${*: -1}" ;;
  'network inspect') test -e "$VOLUMES/../network.${*: -1}" ;;
  'network create') touch "$VOLUMES/../network.${*: -1}" ;;
  'run --rm')
    test "$3 $4" = '-i -v' || exit 9
    volume=$VOLUMES/${5%:/target}
    test -d "$volume" || exit 8
    shift 6
    exec "${@//\/target/$volume}" ;;
  'compose -p')
    case "$4" in
      ps) echo a-container ;;
      exec) cat > "$VOLUMES/../stdin.$6.${10}" ;;
    esac ;;
  'inspect -f') echo found-by-its-container ;;
  *) exit 7 ;;
esac
)";

/// The lines that the text says are commands.
std::vector<std::string> commands_of(const std::string& text) {
  std::vector<std::string> commands;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("    ")) {
      commands.push_back(line.substr(4));
    }
  }
  return commands;
}

class RecoveryText : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto* folder : {"bin", "volumes", "tree/folder"}) {
      fs::create_directories(directory_ / folder);
    }
    write_file(directory_ / "bin/docker", kDocker);
    fs::permissions(directory_ / "bin/docker", fs::perms::owner_all);
    write_file(directory_ / "tree/folder/file", "content");
    write_file(directory_ / "tree/private", "secret");
    fs::permissions(directory_ / "tree/private", fs::perms::owner_read);
    fs::permissions(directory_ / "tree", fs::perms(01750));
    fs::create_symlink("folder/file", directory_ / "tree/link");
    fs::create_hard_link(directory_ / "tree/private", directory_ / "tree/twin");
  }

  /// Runs commands in `folder`; the exit code of the first that fails.
  int bash(const fs::path& folder, const std::vector<std::string>& commands) {
    std::string script = "set -euo pipefail\ncd " + shell_quoted(folder.string()) +
                         "\nexport PATH=" + (directory_ / "bin").string() +
                         ":$PATH VOLUMES=" + (directory_ / "volumes").string() +
                         " LOG=" + (directory_ / "log").string() + "\n";
    for (const auto& command : commands) {
      script += command + "\n";
    }
    write_file(directory_ / "script", script);
    return run("bash " + (directory_ / "script").string() + " </dev/null > " +
               (directory_ / "output").string() + " 2>&1");
  }

  std::string output() { return read_file(directory_ / "output"); }
  std::string log() { return read_file(directory_ / "log"); }

  void expect_same_tree(const fs::path& restored) {
    const auto listing = [&](const fs::path& root) {
      EXPECT_EQ(bash(root, {"find . -printf '%p %y %m %U %G %n %T@ %l\\n' | sort"}), 0);
      return output();
    };
    EXPECT_EQ(listing(restored), listing(directory_ / "tree"));
    EXPECT_EQ(read_file(restored / "twin"), "secret");
    EXPECT_EQ(read_file(restored / "folder/file"), "content");
  }

  TemporaryDirectory directory_;
  std::unique_ptr<SnapshotStore> store_ = open_directory_store(directory_ / "st'ore");
};

TEST_F(RecoveryText, RestoresASnapshotWhoseNamesAreHostile) {
  const std::string name = "it's $(touch pwned) `touch pwned`; \\\n touch pwned \xFF";
  write_full_snapshot(*store_, directory_ / "tree", name);
  const auto snapshot = store_->directory("full");

  ASSERT_EQ(bash(snapshot, commands_of(read_file(snapshot / "RECOVERY.txt"))), 0) << output();

  expect_same_tree(directory_ / "volumes" / name);
  EXPECT_FALSE(fs::exists(snapshot / "pwned"));
  EXPECT_EQ(read_file(directory_ / "stdin.db.psql"), "");  // of ANALYZE, the last
  EXPECT_EQ(read_file(directory_ / "stdin.db.pg_restore"), "the rows of a database\n");
  EXPECT_THAT(log(), HasSubstr("'--encoding=UTF8'\n'--lc-collate=C'\n'--lc-ctype=C.UTF-8'\n"
                               "'--owner=sh op'\n'--'\n'o'\\''app=\"x\" y'\n"));
}

TEST_F(RecoveryText, SaysOkForEachFileAndFailsForADamagedOne) {
  const auto manifest = write_full_snapshot(*store_, directory_ / "tree", "shop_data");
  const auto snapshot = store_->directory("full");
  std::vector<std::string> checks = commands_of(read_file(snapshot / "RECOVERY.txt"));
  checks.resize(1 + artifacts(manifest).size());

  ASSERT_EQ(bash(snapshot, checks), 0) << output();
  EXPECT_THAT(output(), HasSubstr("manifest.json: OK"));
  for (const auto& artifact : artifacts(manifest)) {
    EXPECT_THAT(output(), HasSubstr(artifact.path + ": OK"));
  }

  for (const std::string file : {"manifest.json", "volumes/data.tar.zst"}) {
    auto bytes = read_file(snapshot / file);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file(snapshot / file, bytes);
    EXPECT_NE(bash(snapshot, checks), 0) << file;
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file(snapshot / file, bytes);
  }
}

TEST_F(RecoveryText, ChecksFilesOfEveryName) {
  for (const std::string name :
       {"plain", "two words", "back\\slash", "new\nline", "\xFF", "it's"}) {
    write_file(directory_ / name, "x");

    EXPECT_EQ(bash(directory_.path(), {check_command({name, 1, 1, sha256_of("x")})}), 0)
        << name << output();
    EXPECT_NE(bash(directory_.path(), {check_command({name, 1, 1, sha256_of("y")})}), 0) << name;
  }
}

TEST_F(RecoveryText, EmptiesAVolumeThatIsThereAndDoesNotMakeItAnew) {
  write_full_snapshot(*store_, directory_ / "tree", "shop_data");
  const auto snapshot = store_->directory("full");
  fs::create_directories(directory_ / "volumes/shop_data/old/folder");
  write_file(directory_ / "volumes/shop_data/.hidden", "old");

  ASSERT_EQ(bash(snapshot, volume_commands(store_->manifest("full").volumes[0])), 0) << output();

  expect_same_tree(directory_ / "volumes/shop_data");
  EXPECT_THAT(log(), Not(HasSubstr("create")));
}

TEST_F(RecoveryText, MakesAVolumeAsItWas) {
  VolumeRecord volume = example_manifest().volumes[0];

  EXPECT_EQ(volume_commands(volume)[0],
            "docker volume inspect shop_redis >/dev/null 2>&1 || docker volume create "
            "--driver=local --opt=device=/srv/redis --opt=o=bind --opt=type=none "
            "--label=cofferdam.backup=true --label=com.docker.compose.project=shop shop_redis");
}

TEST_F(RecoveryText, MakesTheNetworksOfOthersThatAreMissing) {
  auto manifest = example_manifest_with_networks();
  const auto edge = network_command(manifest.networks[1]);
  EXPECT_EQ(edge,
            "docker network inspect edge >/dev/null 2>&1 || docker network create --driver=bridge "
            "'--opt=registrar_token=***' '--label=owner=proxy team' --subnet=10.7.0.0/24 "
            "--gateway=10.7.0.1 --ip-range=10.7.0.128/25 --subnet=fd00:7::/64 --internal "
            "--attachable --ipv6 edge");
  const auto text = recovery_text(manifest);
  EXPECT_THAT(commands_of(text), Contains(edge));
  EXPECT_THAT(text, Not(HasSubstr("shop_default"))) << "Compose makes that one";
  EXPECT_THAT(text, HasSubstr("Put the password back"));
  EXPECT_LT(text.find(edge), text.find("docker compose create"));

  ASSERT_EQ(bash(directory_.path(), {edge, edge}), 0) << output();

  const auto first = log().find("'create'");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(log().find("'create'", first + 1), std::string::npos) << "made twice";
  manifest.networks.pop_back();
  EXPECT_THAT(recovery_text(manifest), Not(HasSubstr("docker network")));
}

TEST_F(RecoveryText, FindsAnAnonymousVolumeByItsContainer) {
  write_full_snapshot(*store_, directory_ / "tree", "shop_data");
  auto manifest = store_->manifest("full");
  auto& volume = manifest.volumes[0];
  volume.kind = "anonymous";
  volume.service = "api";
  volume.destination = "/it's \"here\"";
  fs::create_directory(directory_ / "volumes/found-by-its-container");

  ASSERT_EQ(bash(store_->directory("full"), anonymous_volume_commands(manifest, volume)), 0)
      << output();

  expect_same_tree(directory_ / "volumes/found-by-its-container");
}

TEST_F(RecoveryText, FillsABindMountOnTheHost) {
  write_full_snapshot(*store_, directory_ / "tree", "x");
  auto volume = store_->manifest("full").volumes[0];
  volume.kind = "bind";
  volume.name = (directory_ / "host's folder").string();
  fs::create_directories(fs::path(volume.name) / "old");

  ASSERT_EQ(bash(store_->directory("full"), bind_commands(volume)), 0) << output();

  expect_same_tree(volume.name);
}

TEST_F(RecoveryText, FillsABindMountOfOneFile) {
  ArchiveRequest request;
  request.root = directory_ / "tree/folder/file";
  request.artifact = directory_ / "v.tar.gz";
  request.compression = {Compression::Method::Gzip, 6};
  const auto summary = archive_volume(request, {}, {});
  VolumeRecord volume;
  volume.kind = "bind";
  volume.name = (directory_ / "etc/app.conf").string();
  volume.entries = summary.entries;
  volume.content_bytes = summary.content_bytes;
  volume.artifact.path = "v.tar.gz";

  ASSERT_EQ(bash(directory_.path(), bind_commands(volume)), 0) << output();

  EXPECT_EQ(read_file(volume.name), "content");
}

TEST_F(RecoveryText, RestoresADatabaseAsItWas) {
  const auto manifest = example_manifest();
  EXPECT_EQ(database_tool_function(manifest),
            "in_db() { docker compose -p shop exec -T \"$1\" sh -c 'exec \"$0\" -U "
            "\"${POSTGRES_USER:-postgres}\" \"$@\"' \"${@:2}\"; }");
  EXPECT_THAT(database_commands(manifest.databases[0]),
              testing::ElementsAre(
                  "in_db db createdb --maintenance-db=template1 --template=template0 "
                  "--encoding=UTF8 --lc-collate=en_US.utf8 --lc-ctype=en_US.utf8 "
                  "--locale-provider=icu --icu-locale=en-US --owner=shop -- app",
                  "zstd -dc databases/db/app.dump.zst | in_db db pg_restore --exit-on-error -d app",
                  "in_db db psql -X -d app -c ANALYZE"));
  EXPECT_EQ(roles_command(manifest.servers[0]),
            "zstd -dc databases/db/globals.sql.zst | in_db db psql -X -q -d template1");
}

TEST_F(RecoveryText, RestoresAPlainDumpWithPsql) {
  auto database = example_manifest().databases[0];
  database.format = "plain";
  database.artifact.path = "databases/db/app.sql.gz";
  database.name = "a=b'c";

  const auto commands = database_commands(database);

  EXPECT_THAT(commands[1], HasSubstr("gzip -dc databases/db/app.sql.gz | "));
  EXPECT_THAT(commands[1], HasSubstr("psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d " +
                                     shell_quoted("dbname='a=b\\'c'")));
}

TEST_F(RecoveryText, KeepsWhatOthersWroteOnItsLine) {
  auto manifest = example_manifest_with_networks();
  const std::string hostile = "x\n    touch pwned\n";
  manifest.project = manifest.hostname = manifest.platform_version = hostile;
  manifest.reasons = manifest.config_files = {hostile};
  manifest.services[0].name = manifest.services[0].image = hostile;
  manifest.volumes[0].key = manifest.volumes[0].name = manifest.volumes[0].excluded[0] = hostile;
  manifest.databases[0].name = manifest.databases[0].server_version = hostile;
  manifest.servers[0].service = hostile;
  manifest.networks[1].name = manifest.networks[1].driver = hostile;
  manifest.networks[1].labels = {{hostile, hostile}};
  manifest.uncovered = {{hostile, hostile}};
  manifest.definition[0].path = hostile;

  const auto commands = commands_of(recovery_text(manifest));

  EXPECT_THAT(commands, Not(Contains("touch pwned")));
  EXPECT_EQ(commands.size(), commands_of(recovery_text(example_manifest_with_networks())).size());
  EXPECT_THAT(commands,
              Each(testing::AnyOf(testing::StartsWith("test "), testing::StartsWith("echo "),
                                  testing::StartsWith("docker "), testing::StartsWith("zstd "),
                                  testing::StartsWith("volume="), testing::StartsWith("in_db"),
                                  testing::StartsWith("until "))));
}

TEST_F(RecoveryText, SaysWhatItCannotDo) {
  const auto text = recovery_text(example_manifest());

  EXPECT_THAT(text, HasSubstr("* volume nominatim: not labelled cofferdam.backup"));
  EXPECT_THAT(text, HasSubstr("degraded"));
  EXPECT_THAT(text, HasSubstr("* volume api/1:/uploads: copied live"));
  EXPECT_THAT(text, HasSubstr("(Without tmp/**: that was excluded.)"));
  EXPECT_THAT(text, HasSubstr("DATABASE_URL, TZ"));
  auto masked = example_manifest();
  masked.volumes[0].options["o"] = "addr=nas,password=***";
  EXPECT_THAT(recovery_text(masked), HasSubstr("Put the password back"));
}

TEST_F(RecoveryText, KeepsTheOrderOfThings) {
  const auto text = recovery_text(example_manifest());
  std::vector<std::size_t> places;
  for (const auto* heading :
       {"Check that nothing is damaged", "The stack", "Stop what uses the data", "Volumes",
        "Databases", "Start everything", "What is not in this snapshot"}) {
    places.push_back(text.find(". " + std::string(heading) + "\n--"));
  }

  EXPECT_THAT(places, Each(Not(std::string::npos)));
  EXPECT_TRUE(std::ranges::is_sorted(places));
  EXPECT_THAT(text, HasSubstr("docker compose -p shop stop api redis\n"));
  EXPECT_THAT(text, HasSubstr("docker compose -p shop start db\n"));
}

}  // namespace
}  // namespace controller
