#include "controller/api/openapi.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

Json schema_of(const Field& field) {
  Json schema = {{"description", field.help}};
  switch (field.kind) {
    case FieldKind::Text:
      schema["type"] = "string";
      break;
    case FieldKind::Flag:
      schema["type"] = "boolean";
      break;
    case FieldKind::Number:
      schema["type"] = "integer";
      break;
    case FieldKind::Texts:
      schema["type"] = "array";
      schema["items"] = {{"type", "string"}};
      break;
  }
  return schema;
}

Json body_of(const Route& route) {
  auto properties = Json::object();
  auto required = Json::array();
  for (const auto& field : route.body) {
    properties[field.name] = schema_of(field);
    if (field.required) {
      required.push_back(field.name);
    }
  }
  const Json schema = {{"type", "object"},
                       {"properties", properties},
                       {"required", required},
                       {"additionalProperties", false}};
  return {{"required", !required.empty()},
          {"content", {{"application/json", {{"schema", schema}}}}}};
}

Json parameters_of(const Route& route) {
  auto parameters = Json::array();
  for (auto open = route.path.find('{'); open != std::string::npos;
       open = route.path.find('{', open + 1)) {
    parameters.push_back(
        {{"name", route.path.substr(open + 1, route.path.find('}', open) - open - 1)},
         {"in", "path"},
         {"required", true},
         {"schema", {{"type", "string"}}}});
  }
  for (const auto& field : route.query) {
    parameters.push_back({{"name", field.name},
                          {"in", "query"},
                          {"required", field.required},
                          {"schema", schema_of(field)}});
  }
  return parameters;
}

Json referred(const std::string& schema) {
  return {{"schema", {{"$ref", "#/components/schemas/" + schema}}}};
}

Json responses_of(const Route& route, const Json& schemas) {
  Json good = {{"description", route.summary}};
  if (route.answer.find('/') != std::string::npos) {
    good["content"] = {{route.answer, Json::object()}};
  } else if (!route.answer.empty()) {
    if (!schemas.contains(route.answer)) {
      throw std::logic_error("there is no schema " + route.answer);
    }
    good["content"] = {{"application/json", referred(route.answer)}};
  }
  return {{std::to_string(route.success), good},
          {"default",
           {{"description", "what stands against it"},
            {"content", {{"application/problem+json", referred("Problem")}}}}}};
}

Json operation_of(const Route& route, const Json& schemas) {
  Json operation = {{"operationId", route.operation},
                    {"summary", route.summary},
                    {"parameters", parameters_of(route)},
                    {"responses", responses_of(route, schemas)},
                    {"security", Json::array()}};
  if (!route.body.empty()) {
    operation["requestBody"] = body_of(route);
  }
  if (route.scope) {
    operation["security"] = {{{"token", Json::array()}}, {{"session", Json::array()}}};
    operation["x-scope"] = to_string(*route.scope);
  }
  return operation;
}

std::string in_lower_case(std::string method) {
  std::ranges::transform(method, method.begin(),
                         [](char one) { return static_cast<char>(one - 'A' + 'a'); });
  return method;
}

}  // namespace

std::string openapi_json(const std::vector<Route>& routes) {
  const auto schemas = Json::parse(answer_schemas());
  auto paths = Json::object();
  for (const auto& route : routes) {
    paths[route.path][in_lower_case(route.method)] = operation_of(route, schemas);
  }
  const Json document = {
      {"openapi", "3.1.0"},
      {"info", {{"title", "Cofferdam"}, {"version", COFFERDAM_VERSION}}},
      {"paths", paths},
      {"components",
       {{"schemas", schemas},
        {"securitySchemes",
         {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
          {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-cofferdam"}}}}}}}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace controller
