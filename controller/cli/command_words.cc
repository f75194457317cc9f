#include "controller/cli/command_words.h"

#include "controller/api/http_status.h"
#include "controller/api/problem.h"

namespace controller {

CommandWords& CommandWords::name(const std::string& value) {
  if (value.empty() || value.front() == '-') {
    throw ApiProblem(http_status::kBadRequest, "bad-request", "\"" + value + "\" is no name");
  }
  words_.push_back(value);
  return *this;
}

CommandWords& CommandWords::option(std::string_view flag, const std::string& value) {
  if (!value.empty()) {
    words_.push_back(std::string(flag) + "=" + value);
  }
  return *this;
}

CommandWords& CommandWords::list(std::string_view flag, const std::vector<std::string>& values) {
  std::string joined;
  for (const auto& value : values) {
    if (value.empty() || value.find(',') != std::string::npos) {
      throw ApiProblem(http_status::kBadRequest, "bad-request", "\"" + value + "\" is no name");
    }
    joined += (joined.empty() ? "" : ",") + value;
  }
  return option(flag, joined);
}

CommandWords& CommandWords::flag(std::string_view flag, bool given) {
  if (given) {
    words_.emplace_back(flag);
  }
  return *this;
}

}  // namespace controller
