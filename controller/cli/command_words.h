// A command line of ours, made of what a request said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// Nothing that a request says can become a flag.  Throws ApiProblem, "bad-request": a name that
/// looks like a flag, an element of a list with a comma.
class CommandWords {
 public:
  explicit CommandWords(std::vector<std::string> command) : words_(std::move(command)) {}

  CommandWords& name(const std::string& value);

  /// Left out if it is empty.
  CommandWords& option(std::string_view flag, const std::string& value);
  CommandWords& list(std::string_view flag, const std::vector<std::string>& values);
  CommandWords& flag(std::string_view flag, bool given = true);

  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
};

}  // namespace controller
