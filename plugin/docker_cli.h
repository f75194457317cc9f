// The docker CLI that called the plugin.  Contexts, TLS and DOCKER_HOST are its business.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace plugin {

class DockerCli {
 public:
  /// `globals` are the options that were said before the plugin's name.
  DockerCli(std::string program, std::vector<std::string> globals);

  enum class Complaints { Shown, Hidden };  // what it says on stderr

  /// What it prints for `words`; absent if it failed.  Throws std::system_error if it cannot be
  /// run.
  [[nodiscard]] std::optional<std::string> output(const std::vector<std::string>& words,
                                                  Complaints complaints) const;

  /// This process becomes the CLI: terminal, signals and exit code are its own then.  Returns only
  /// by throwing std::system_error.
  [[noreturn]] void become(const std::vector<std::string>& words) const;

  /// The same from beside it, as in attended_run.h: returns the exit code.
  [[nodiscard]] int attend(const std::vector<std::string>& words,
                           const std::string& farewell_socket) const;

 private:
  [[nodiscard]] std::vector<std::string> line(const std::vector<std::string>& words) const;

  std::string program_;
  std::vector<std::string> globals_;
};

}  // namespace plugin
