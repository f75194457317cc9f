// A command line on its way to becoming a process.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace plugin {

/// For exec and its like, which change nothing of it; as long as `line` stays as it is.
std::vector<char*> pointers(std::vector<std::string>& line);

class SpawnedLine {
 public:
  /// `line` outlives this; its first word is looked up in PATH.
  explicit SpawnedLine(std::vector<std::string>& line);
  SpawnedLine(const SpawnedLine&) = delete;
  SpawnedLine& operator=(const SpawnedLine&) = delete;
  ~SpawnedLine();

  /// The process gets our `ours` as its `theirs`.
  void redirect(int ours, int theirs);

  /// The process gets nothing to read, or is not heard, there.
  void silence(int theirs);

  /// The process is in a group of its own, and no signal is blocked in it.
  void apart();

  /// Throws std::system_error if it cannot be run.
  pid_t start();

 private:
  struct Attributes;

  std::vector<std::string>& line_;
  std::unique_ptr<Attributes> attributes_;
};

}  // namespace plugin
