// The API for programs to read: an OpenAPI 3.1 document.
#pragma once

#include <string>
#include <vector>

#include "controller/api/route.h"

namespace controller {

/// Of all routes, from their own table.  Throws std::logic_error for an answer without a schema.
std::string openapi_json(const std::vector<Route>& routes);

/// JSON Schemas of answers, one object by name.
const char* answer_schemas();

}  // namespace controller
