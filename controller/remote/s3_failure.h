// What an answer that is no success means.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "controller/remote/http_client.h"

namespace controller {

struct S3Failure {
  enum class Kind { Refused, NotThere, Access, Later };

  Kind kind = Kind::Refused;  // Later: worth another try
  std::string text;           // cause and advice
};

/// Absent: the answer is a success.  `root` is the element a success has; empty: it has no body
/// that matters.  `now` is our time, for comparing clocks.
std::optional<S3Failure> s3_failure(const HttpAnswer& answer, const std::string& root,
                                    std::chrono::system_clock::time_point now);

/// Throws what stands for the failure: "cannot <what>: <text>".
[[noreturn]] void throw_failure(const S3Failure& failure, const std::string& what);

}  // namespace controller
