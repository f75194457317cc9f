#include "controller/notify/address_rule.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(AddressRule, RefusesWhatBelongsToTheMachineOrItsCloud) {
  for (const auto* address :
       {"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "169.254.169.254", "100.100.100.200",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "febf::1",
        "ff02::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
        "::7f00:1"}) {
    EXPECT_TRUE(is_risky_address(address)) << address;
  }
}

TEST(AddressRule, LetsServicesOfTheStackAndOfTheWorldBeTold) {
  for (const auto* address :
       {"10.0.0.7", "172.18.0.3", "192.168.1.2", "100.64.0.1", "8.8.8.8", "169.253.1.1",
        "223.255.255.1", "2001:db8::1", "fd12:3456::1", "fec0::1", "::ffff:10.0.0.7"}) {
    EXPECT_FALSE(is_risky_address(address)) << address;
  }
}

TEST(AddressRule, RefusesWhatIsNoAddress) {
  EXPECT_TRUE(is_risky_address("localhost"));
  EXPECT_TRUE(is_risky_address(""));
}

}  // namespace
}  // namespace controller
