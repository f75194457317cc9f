// What can be asked of the API, as a table.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/access/scope.h"
#include "controller/api/api_message.h"
#include "controller/api/fields.h"

namespace controller {

/// A request whose route was found and whose words were checked.
struct ApiCall {
  ApiRequest request;
  std::map<std::string, std::string> parameters;  // of the path
  FieldValues query;
  FieldValues body;
  Identity who;
  std::function<bool()> still_allowed;  // whether they are still let in, for answers that last

  /// Of the path; there is one of every name in the pattern.
  [[nodiscard]] const std::string& parameter(const std::string& name) const {
    return parameters.at(name);
  }
};

struct Route {
  std::string method;
  std::string path;            // "/api/v1/snapshots/{name}"; what is in braces has no slash
  std::optional<Scope> scope;  // absent: anybody may ask
  std::string operation;       // unique: "showSnapshot"
  std::string summary;
  std::vector<Field> query;
  std::vector<Field> body;
  int success = 200;
  std::string answer;  // the name of its schema, or a media type; empty: it has no content
  std::string audit;   // what the audit log calls it; empty: it is not written down
  std::function<ApiAnswer(const ApiCall&)>
      act;  // may throw ApiProblem, or what `main` would report
};

/// A route of the table and what its path said.
struct FoundRoute {
  const Route* route = nullptr;
  std::map<std::string, std::string> parameters;
};

/// Absent: there is no such route.  HEAD is GET.
std::optional<FoundRoute> find_route(const std::vector<Route>& routes, const std::string& method,
                                     const std::string& path);

/// "GET, POST"; empty: nothing is at this path.
std::string methods_at(const std::vector<Route>& routes, const std::string& path);

}  // namespace controller
