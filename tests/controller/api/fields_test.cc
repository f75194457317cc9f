#include "controller/api/fields.h"

#include <gmock/gmock.h>

#include "controller/api/problem.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<Field> kFields = {{"name", FieldKind::Text, true, "the snapshot"},
                                    {"services", FieldKind::Texts, false, "only these"},
                                    {"queue", FieldKind::Flag, false, "wait"},
                                    {"limit", FieldKind::Number, false, "how many"}};

std::string problem(const std::string& body) {
  try {
    read_body(kFields, body);
  } catch (const ApiProblem& refused) {
    EXPECT_EQ(refused.status(), 400);
    EXPECT_EQ(refused.code(), "bad-request");
    return refused.what();
  }
  return "none";
}

TEST(FieldsTest, ReadsWhatABodySays) {
  const auto values =
      read_body(kFields, R"({"name": "a", "services": ["b", "c"], "queue": true, "limit": 7})");
  EXPECT_EQ(values.text("name"), "a");
  EXPECT_THAT(values.texts("services"), ElementsAre("b", "c"));
  EXPECT_TRUE(values.flag("queue"));
  EXPECT_EQ(values.number("limit"), 7);
}

TEST(FieldsTest, WhatIsNotSaidIsEmpty) {
  const auto values = read_body({kFields.begin() + 1, kFields.end()}, "");
  EXPECT_EQ(values.text("name"), "");
  EXPECT_THAT(values.texts("services"), ElementsAre());
  EXPECT_FALSE(values.flag("queue"));
}

TEST(FieldsTest, RefusesWhatIsNotInTheTable) {
  EXPECT_THAT(problem(R"({"name": "a", "nmae": "b"})"), HasSubstr("\"nmae\" means nothing"));
  EXPECT_THAT(problem("{}"), HasSubstr("name is missing: the snapshot"));
  EXPECT_THAT(problem("[]"), HasSubstr("must be a JSON object"));
  EXPECT_THAT(problem("{"), HasSubstr("must be a JSON object"));
  EXPECT_THAT(problem(R"({"name": 1})"), HasSubstr("name must be a text"));
  EXPECT_THAT(problem(R"({"name": "a\u0000b"})"), HasSubstr("control characters"));
  EXPECT_THAT(problem(R"({"name": "a", "services": "b"})"), HasSubstr("an array of texts"));
  EXPECT_THAT(problem(R"({"name": "a", "services": [1]})"), HasSubstr("services must be a text"));
  EXPECT_THAT(problem(R"({"name": "a", "queue": "true"})"), HasSubstr("true or false"));
  EXPECT_THAT(problem(R"({"name": "a", "limit": 1.5})"), HasSubstr("whole number"));
}

TEST(FieldsTest, ReadsAQueryByTheSameTable) {
  const auto values = read_query(
      kFields,
      {{"name", "true"}, {"services", "b"}, {"services", "c"}, {"queue", "true"}, {"limit", "-3"}});
  EXPECT_EQ(values.text("name"), "true");
  EXPECT_THAT(values.texts("services"), ElementsAre("b", "c"));
  EXPECT_TRUE(values.flag("queue"));
  EXPECT_EQ(values.number("limit"), -3);
  EXPECT_THROW(read_query(kFields, {{"name", "a"}, {"name", "b"}}), ApiProblem);
  EXPECT_THROW(read_query(kFields, {{"name", "a"}, {"limit", "3x"}}), ApiProblem);
  EXPECT_THROW(read_query(kFields, {{"name", "a"}, {"queue", "yes"}}), ApiProblem);
}

}  // namespace
}  // namespace controller
