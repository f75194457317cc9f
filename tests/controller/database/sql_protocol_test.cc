#include "controller/database/sql_protocol.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace controller {
namespace {

TEST(SqlProtocol, KeepsRequestsAndAnswers) {
  const SqlRequest open = {SqlRequest::Action::Open, 3, "", {{"user", "b\xff%41"}, {"host", "h"}}};
  EXPECT_EQ(sql_request_from(to_line(open)), open);
  const SqlRequest query = {SqlRequest::Action::Query, 1, "SELECT '100%\n\xe9'", {}};
  EXPECT_EQ(sql_request_from(to_line(query)), query);
  EXPECT_EQ(to_line(query).find('\n'), std::string::npos);

  SqlAnswer rows;
  rows.rows = {{"a%b", std::nullopt, "\xff"}, {"", "x", "y"}};
  EXPECT_EQ(sql_answer_from(to_line(rows)), rows);
  SqlAnswer totals;
  totals.totals = {12, 0xffffffffffffffffU};
  EXPECT_EQ(sql_answer_from(to_line(totals)), totals);
  SqlAnswer login;
  login.server_version = 150008;
  login.backend = 77;
  EXPECT_EQ(sql_answer_from(to_line(login)), login);
  SqlAnswer error;
  error.error = "no 100%";
  error.sqlstate = "42P01";
  EXPECT_EQ(sql_answer_from(to_line(error)), error);
  EXPECT_EQ(sql_answer_from(to_line(SqlAnswer())), SqlAnswer());
}

TEST(SqlProtocol, RefusesOtherLines) {
  for (const char* line : {"", "hello", "[]", "{}", R"({"do":7,"connection":"x"})",
                           R"({"do":"query"})", R"({"do":"query","connection":1,"sql":5})"}) {
    EXPECT_THROW(sql_request_from(line), std::invalid_argument) << line;
  }
  EXPECT_THROW(sql_answer_from("hello"), std::invalid_argument);
  EXPECT_THROW(sql_answer_from(R"({"rows":[[1]]})"), std::invalid_argument);
}

}  // namespace
}  // namespace controller
