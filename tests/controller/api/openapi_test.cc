#include "controller/api/openapi.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace controller {
namespace {

using Json = nlohmann::json;

Route showing() {
  return {"GET",       "/api/v1/things/{name}/parts/{part}",
          Scope::Read, "showPart",
          "One part",  {{"limit", FieldKind::Number, false, "how many"}},
          {},          200,
          "Job",       "",
          {}};
}

Route making() {
  return {"POST",
          "/api/v1/things",
          std::nullopt,
          "makeThing",
          "Make one",
          {},
          {{"name", FieldKind::Text, true, "its name"}, {"tags", FieldKind::Texts, false, "tags"}},
          204,
          "",
          "make",
          {}};
}

TEST(OpenApiTest, SaysWhatTheTableSays) {
  const auto document = Json::parse(openapi_json({showing(), making()}));
  const auto& show = document["paths"]["/api/v1/things/{name}/parts/{part}"]["get"];
  EXPECT_EQ(show["operationId"], "showPart");
  EXPECT_EQ(show["parameters"][0]["name"], "name");
  EXPECT_EQ(show["parameters"][1]["name"], "part");
  EXPECT_EQ(show["parameters"][2]["in"], "query");
  EXPECT_EQ(show["x-scope"], "read");
  EXPECT_EQ(show["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/Job");
  const auto& make = document["paths"]["/api/v1/things"]["post"];
  EXPECT_EQ(make["security"], Json::array());
  const auto& body = make["requestBody"]["content"]["application/json"]["schema"];
  EXPECT_EQ(body["required"], Json({"name"}));
  EXPECT_EQ(body["properties"]["tags"]["items"]["type"], "string");
  EXPECT_EQ(body["additionalProperties"], false);
  EXPECT_FALSE(make["responses"]["204"].contains("content"));
}

TEST(OpenApiTest, HasASchemaForEveryAnswerAndForWhatThoseReferTo) {
  auto unknown = showing();
  unknown.answer = "Nothing";
  EXPECT_THROW(openapi_json({unknown}), std::logic_error);
  const auto schemas = Json::parse(answer_schemas());
  const auto values = schemas.flatten();
  for (const auto& [place, value] : values.items()) {
    if (place.ends_with("/$ref")) {
      const auto reference = value.get<std::string>();
      EXPECT_TRUE(schemas.contains(reference.substr(reference.rfind('/') + 1))) << place;
    }
  }
}

}  // namespace
}  // namespace controller
