// What a request may say in its body or its query: one table that is checked and documented.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/api/api_message.h"

namespace controller {

enum class FieldKind { Text, Flag, Number, Texts };

struct Field {
  std::string name;
  FieldKind kind = FieldKind::Text;
  bool required = false;
  std::string help;
};

/// Only what the table has; what was not said is empty, false or 0.
class FieldValues {
 public:
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] bool flag(const std::string& name) const;
  [[nodiscard]] std::int64_t number(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& name) const;

 private:
  friend FieldValues read_body(const std::vector<Field>& fields, const std::string& body);
  friend FieldValues read_query(const std::vector<Field>& fields,
                                const std::multimap<std::string, std::string>& query);

  std::map<std::string, std::vector<std::string>> texts_;
  std::map<std::string, std::int64_t> numbers_;
};

/// An empty body is an empty object.  Throws ApiProblem with "bad-request": what is no JSON object,
/// an unknown name, a value of another kind, a missing one, a text with control characters.
FieldValues read_body(const std::vector<Field>& fields, const std::string& body);

/// Flags are "true" or "false"; a text is given once.
FieldValues read_query(const std::vector<Field>& fields,
                       const std::multimap<std::string, std::string>& query);

}  // namespace controller
