#include "controller/access/address_range.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace controller {
namespace {

TEST(AddressRangeTest, ContainsWhatSharesItsFirstBits) {
  EXPECT_TRUE(AddressRange("10.0.0.0/8").contains("10.255.0.1"));
  EXPECT_FALSE(AddressRange("10.0.0.0/8").contains("11.0.0.1"));
  EXPECT_TRUE(AddressRange("192.0.2.128/25").contains("192.0.2.129"));
  EXPECT_FALSE(AddressRange("192.0.2.128/25").contains("192.0.2.127"));
  EXPECT_TRUE(AddressRange("192.0.2.1").contains("192.0.2.1"));
  EXPECT_FALSE(AddressRange("192.0.2.1").contains("192.0.2.2"));
  EXPECT_TRUE(AddressRange("fd00::/8").contains("fd12::1"));
  EXPECT_FALSE(AddressRange("fd00::/8").contains("fe80::1"));
  EXPECT_TRUE(AddressRange("0.0.0.0/0").contains("203.0.113.9"));
  EXPECT_FALSE(AddressRange("0.0.0.0/0").contains("::1"));
  EXPECT_TRUE(AddressRange("127.0.0.0/8").contains("::ffff:127.0.0.1"));
  EXPECT_FALSE(AddressRange("0.0.0.0/0").contains("unknown"));
}

TEST(AddressRangeTest, RefusesWhatIsNoRange) {
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "host", "::/129"}) {
    EXPECT_THROW(AddressRange{bad}, std::invalid_argument) << bad;
  }
}

TEST(ClientAddressTest, IsThePeerUnlessThatIsATrustedProxy) {
  const std::vector<AddressRange> proxies = {AddressRange("10.0.0.0/8")};
  EXPECT_EQ(client_address("192.0.2.1", "203.0.113.9", proxies), "192.0.2.1");
  EXPECT_EQ(client_address("10.0.0.1", "203.0.113.9", proxies), "203.0.113.9");
  EXPECT_EQ(client_address("10.0.0.1", "", proxies), "10.0.0.1");
  EXPECT_EQ(client_address("10.0.0.1", "203.0.113.9", {}), "10.0.0.1");
}

TEST(ClientAddressTest, IsTheLastThatNoTrustedProxyCouldHaveMadeUp) {
  const std::vector<AddressRange> proxies = {AddressRange("10.0.0.0/8")};
  EXPECT_EQ(client_address("10.0.0.1", "1.1.1.1, 203.0.113.9 ,10.0.0.2", proxies), "203.0.113.9");
  EXPECT_EQ(client_address("10.0.0.1", "1.1.1.1, nonsense, 10.0.0.2", proxies), "10.0.0.2");
  EXPECT_EQ(client_address("10.0.0.1", "10.0.0.3, 10.0.0.2", proxies), "10.0.0.3");
}

}  // namespace
}  // namespace controller
