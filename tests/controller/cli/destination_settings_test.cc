#include "controller/cli/destination_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using Variables = std::map<std::string, std::string>;
using testing::HasSubstr;

std::vector<Destination> read(const Variables& variables, const std::string& yaml = "") {
  return read_destinations(
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      yaml);
}

std::string problem(const Variables& variables, const std::string& yaml = "") {
  try {
    read(variables, yaml);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "none";
}

const Variables kGeoLens = {
    {"BACKUP_S3_ENABLED", "true"},    {"S3_ENDPOINT", "https://minio.example:9000"},
    {"S3_BUCKET", "geolens"},         {"S3_ACCESS_KEY_ID", "id"},
    {"S3_SECRET_ACCESS_KEY", "hush"}, {"S3_REGION", "eu-central-1"}};

const Variables kOwn = {{"COFFERDAM_S3_BUCKET", "shop"},
                        {"COFFERDAM_S3_ACCESS_KEY_ID", "id"},
                        {"COFFERDAM_S3_SECRET_ACCESS_KEY", "hush"}};

Variables with(Variables variables, const std::string& name, const std::string& value) {
  variables[name] = value;
  return variables;
}

TEST(DestinationSettings, SayWhichGetEveryNewSnapshot) {
  EXPECT_TRUE(read(kGeoLens)[0].upload);
  EXPECT_FALSE(read(with(kGeoLens, "COFFERDAM_S3_UPLOAD", "no"))[0].upload);
  EXPECT_FALSE(read(kOwn)[0].upload);
  EXPECT_TRUE(read(with(kOwn, "COFFERDAM_S3_UPLOAD", "true"))[0].upload);
  EXPECT_THAT(problem(with(kOwn, "COFFERDAM_S3_UPLOAD", "maybe")),
              HasSubstr("COFFERDAM_S3_UPLOAD is \"maybe\""));
}

TEST(DestinationSettings, NameDestinationsLikeFolders) {
  EXPECT_THAT(problem({}, "destinations: {../far: {}}"), HasSubstr("a name has letters"));
}

TEST(DestinationSettings, TakeGeoLensVariablesAsTheyAre) {
  const auto destinations = read(kGeoLens);

  ASSERT_EQ(destinations.size(), 1U);
  EXPECT_EQ(destinations[0].name, "s3");
  EXPECT_EQ(destinations[0].endpoint, "https://minio.example:9000");
  EXPECT_EQ(destinations[0].bucket, "geolens");
  EXPECT_EQ(destinations[0].access_key_id, "id");
  EXPECT_EQ(destinations[0].secret_access_key.reveal(), "hush");
  EXPECT_EQ(destinations[0].region, "eu-central-1");
}

TEST(DestinationSettings, HeedGeoLensVariablesOnlyWhereTheyAreEnabled) {
  EXPECT_TRUE(read({}).empty());
  EXPECT_TRUE(read(with(kGeoLens, "BACKUP_S3_ENABLED", "false")).empty());
  EXPECT_THAT(problem(with(kGeoLens, "BACKUP_S3_ENABLED", "maybe")), HasSubstr("true or false"));
}

TEST(DestinationSettings, PreferOurOwnVariables) {
  EXPECT_EQ(read(with(kGeoLens, "COFFERDAM_S3_BUCKET", "own")).at(0).bucket, "own");
  EXPECT_EQ(read(with(kGeoLens, "COFFERDAM_S3_REGION", "own")).at(0).region, "own");
}

TEST(DestinationSettings, ReadASecretFromAFile) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "secret") << "from the file\n";
  auto variables = with(kOwn, "COFFERDAM_S3_SECRET_ACCESS_KEY_FILE", folder.path() / "secret");
  variables.erase("COFFERDAM_S3_SECRET_ACCESS_KEY");

  EXPECT_EQ(read(variables).at(0).secret_access_key.reveal(), "from the file");
}

TEST(DestinationSettings, SayWhatIsMissing) {
  for (const auto* name : {"S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"}) {
    auto variables = kGeoLens;
    variables.erase(name);
    EXPECT_THAT(problem(variables), HasSubstr(std::string(name) + " is missing"));
  }
}

TEST(DestinationSettings, RefuseWhatCannotBe) {
  EXPECT_THAT(problem(with(kOwn, "COFFERDAM_S3_ENDPOINT", "ftp://x")), HasSubstr("https://HOST"));
  EXPECT_THAT(problem(with(kOwn, "COFFERDAM_S3_STYLE", "odd")), HasSubstr("auto, path or virtual"));
  for (const auto* wrong : {"10", "m", "0k", "-1k", "10g"}) {
    EXPECT_THAT(problem(with(kOwn, "COFFERDAM_S3_BANDWIDTH", wrong)), HasSubstr("500k, 10m"));
  }
}

TEST(DestinationSettings, ReadWhatIsRare) {
  auto variables = with(kOwn, "COFFERDAM_S3_BANDWIDTH", "10m");
  variables = with(variables, "COFFERDAM_S3_PREFIX", "/a/b");
  variables = with(variables, "COFFERDAM_S3_STYLE", "virtual");

  const auto destination = read(variables).at(0);
  EXPECT_EQ(destination.bandwidth, 10U << 20U);
  EXPECT_EQ(destination.prefix, "a/b/");
  EXPECT_EQ(destination.style, BucketStyle::VirtualHost);
}

constexpr const char* kFile =
    "volumes: {}\n"
    "destinations:\n"
    "  offsite:\n"
    "    bucket: far\n"
    "    access_key_id: id\n"
    "    secret_access_key: hush\n";

TEST(DestinationSettings, AddThoseOfTheConfigFile) {
  const auto destinations = read(kOwn, kFile);

  ASSERT_EQ(destinations.size(), 2U);
  EXPECT_EQ(choose_destination(destinations, "").name, "s3");
  EXPECT_EQ(choose_destination(destinations, "offsite").bucket, "far");
  EXPECT_THROW(choose_destination(destinations, "nowhere"), std::invalid_argument);
}

TEST(DestinationSettings, RefuseUnknownFieldsOfTheConfigFile) {
  EXPECT_THAT(problem({}, std::string(kFile) + "    bukket: x\n"), HasSubstr("bukket is unknown"));
  EXPECT_THAT(problem({}, "destinations: {s3: 1}"), HasSubstr("map names"));
}

TEST(DestinationSettings, NeverSayTheSecret) {
  EXPECT_THAT(problem(with(kGeoLens, "S3_BUCKET", "")), testing::Not(HasSubstr("hush")));
}

TEST(DestinationSettings, NameNoneWhereNoneIsSetUp) {
  EXPECT_THROW(choose_destination({}, ""), SettingError);
}

}  // namespace
}  // namespace controller
