#include "controller/database/copy_statement.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

using Names = std::vector<std::string>;

TEST(CopyStatementTest, NamesItsColumns) {
  const auto names = [](const std::string& text) {
    return column_names(parse_copy_statement(text));
  };
  EXPECT_EQ(names("COPY shop.t (id, name) FROM stdin;\n"), (Names{"id", "name"}));
  EXPECT_EQ(names(R"sql(COPY "a b"."c""d" ("x, y", "(z)", "q""r", plain) FROM stdin;)sql"),
            (Names{"x, y", "(z)", "q\"r", "plain"}));
  EXPECT_EQ(names("COPY shop.t  FROM stdin;"), Names{});
}

TEST(CopyStatementTest, ReadsWhereASequenceStands) {
  EXPECT_EQ(parse_setval("SELECT pg_catalog.setval('public.t_id_seq', 41, true);\n"),
            (SequenceValue{"public.t_id_seq", 41, true}));
  EXPECT_EQ(parse_setval("SELECT pg_catalog.setval('\"a, ''b\".c', -5, false);"),
            (SequenceValue{"\"a, 'b\".c", -5, false}));
  EXPECT_EQ(parse_setval("SELECT pg_catalog.setval(E'\"x\\\\\\\\y\".c', 1, true);")->name,
            "\"x\\\\y\".c");
  for (const char* text :
       {"", "SELECT 1;", "SELECT pg_catalog.setval('a');",
        "SELECT pg_catalog.setval('a', b, true);", "SELECT pg_catalog.setval(, 1, true);",
        "SELECT pg_catalog.setval(E', 1, true);"}) {
    EXPECT_FALSE(parse_setval(text)) << text;
  }
}

}  // namespace
}  // namespace controller
