#include "controller/database/sql_text.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(SqlText, QuotesNamesAndTexts) {
  EXPECT_EQ(quoted_name("plain"), "\"plain\"");
  EXPECT_EQ(quoted_name("we\"ird\n"), "\"we\"\"ird\n\"");
  EXPECT_EQ(quoted_text("it's"), "'it''s'");
  EXPECT_EQ(quoted_text("a\\'b"), "E'a\\\\''b'");
}

// libpq takes a bare name with '=' or "://" for a connection string of its own.
TEST(SqlText, QuotesConnectionStrings) {
  EXPECT_EQ(connection_string({{"dbname", "a'b\\c host=x"}, {"user", ""}}),
            "dbname='a\\'b\\\\c host=x' user=''");
}

TEST(SqlText, CutsNamesToWhatPostgresAllows) {
  EXPECT_EQ(derived_name("app", "__new_1"), "app__new_1");
  EXPECT_EQ(derived_name(std::string(63, 'x'), "__new_1"), std::string(56, 'x') + "__new_1");
  // 0xC3 0xA4 is one character: it is kept whole or not at all.
  std::string umlauts;
  for (int count = 0; count < 31; ++count) {
    umlauts += "\xC3\xA4";
  }
  EXPECT_EQ(derived_name(umlauts, "__1").size(), 63U);
  EXPECT_EQ(derived_name(umlauts, "__12").size(), 62U - 4 + 4);
  EXPECT_EQ(derived_name("a" + umlauts, "__123").size(), 57U + 5);
}

TEST(SqlText, MakesFileNamesThatStayInTheirFolder) {
  EXPECT_EQ(file_name_of("shop-db_1.x"), "shop-db_1.x");
  EXPECT_EQ(file_name_of("../../etc"), "%2E.%2F..%2Fetc");
  EXPECT_EQ(file_name_of(".hidden"), "%2Ehidden");
  EXPECT_EQ(file_name_of("a b'\"\n%"), "a%20b%27%22%0A%25");
  EXPECT_EQ(file_name_of("globals"), "%67lobals");
  EXPECT_EQ(file_name_of("globals2"), "globals2");
}

}  // namespace
}  // namespace controller
