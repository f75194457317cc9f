// A directory of one test, gone with it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace controller {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Whole files, for tests that look at or damage stored bytes.
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Runs a shell command; returns its exit code.  Output goes to the test's own.
int run(const std::string& command);

/// What a shell command prints.
std::string output_of(const std::string& command);

}  // namespace controller
