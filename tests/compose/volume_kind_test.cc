#include "compose/volume_kind.h"

#include <gtest/gtest.h>

namespace {

using dockerapi::Labels;

std::string masked(const std::string& name, const std::string& value) {
  return compose::masked_options({{name, value}}).at(name);
}

TEST(MaskedOptions, HideWhateverMayBeASecret) {
  EXPECT_EQ(masked("o", "addr=nas,username=joe,password=s3cret,vers=3.0"),
            "addr=nas,username=joe,password=***,vers=3.0");
  EXPECT_EQ(masked("o", "pass=a,credentials=/etc/c,secretfile=x,rw"),
            "pass=***,credentials=***,secretfile=***,rw");
  EXPECT_EQ(masked("o", "PASSWORD2=x"), "PASSWORD2=***");
  EXPECT_EQ(masked("sftp-password", "a,b"), "***");
  EXPECT_EQ(masked("api_key", "k"), "***");
  EXPECT_EQ(masked("device", "//joe:s3cret@nas/share"), "//joe:***@nas/share");
  EXPECT_EQ(masked("url", "https://joe:s3cret@nas/share"), "https://joe:***@nas/share");
}

TEST(MaskedOptions, LeaveTheRestAlone) {
  EXPECT_EQ(masked("o", "bind"), "bind");
  EXPECT_EQ(masked("device", "10.0.0.1:/exports/a@b"), "10.0.0.1:/exports/a@b");
  EXPECT_EQ(masked("device", "//nas/share"), "//nas/share");
}

TEST(RemotePlace, NamesTheServerAndNoSecret) {
  dockerapi::Volume volume;
  volume.options = {{"type", "cifs"},
                    {"device", "//nas/share"},
                    {"o", "addr=10.0.0.2,username=joe,password=s3cret"}};

  EXPECT_EQ(compose::remote_place(volume), "cifs //nas/share addr=10.0.0.2");
}

TEST(LiesWithin, ComparesWholeNames) {
  EXPECT_TRUE(compose::lies_within("/srv/app", "/srv/app/"));
  EXPECT_TRUE(compose::lies_within("/srv/app/x", "/srv/app"));
  EXPECT_TRUE(compose::lies_within("/srv", "/"));
  EXPECT_FALSE(compose::lies_within("/srv/apple", "/srv/app"));
  EXPECT_FALSE(compose::lies_within("/srv", "/srv/app"));
  EXPECT_FALSE(compose::lies_within("", "/srv"));
  EXPECT_FALSE(compose::lies_within("/srv", ""));
}

}  // namespace
