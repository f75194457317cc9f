// What stood against a request, as application/problem+json (RFC 9457).
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "controller/api/api_message.h"

namespace controller {

/// `code` is stable: programs branch on it.  docs/api.md lists them.
class ApiProblem : public std::runtime_error {
 public:
  ApiProblem(int status, std::string code, const std::string& detail,
             std::vector<std::pair<std::string, std::string>> headers = {})
      : std::runtime_error(detail),
        status_(status),
        code_(std::move(code)),
        headers_(std::move(headers)) {}

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const std::string& code() const { return code_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const {
    return headers_;
  }

 private:
  int status_;
  std::string code_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

ApiAnswer answer_of(const ApiProblem& problem);

}  // namespace controller
