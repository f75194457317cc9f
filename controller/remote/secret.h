// A password or key: it can be used, and not be printed.
#pragma once

#include <string>
#include <utility>

namespace controller {

/// Nothing turns it into text but reveal(), which is for the one place that needs it; there is no
/// way into a stream, a message or JSON.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace controller
