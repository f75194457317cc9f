// What the docker CLI hands to its plugin: the global options, the plugin's name, the words behind
// it.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace plugin {

/// The command line cannot be meant.
class CallError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class CallKind {
  Metadata,  // the CLI asks what the plugin is
  Help,
  Complete,  // the last of the words is being typed
  Command
};

struct Call {
  CallKind kind = CallKind::Command;
  std::vector<std::string> globals;  // as they were typed: "--context", "far"
  std::string project;               // --project; empty: the stack of the current folder
  std::vector<std::string> words;    // Cofferdam's own

  friend bool operator==(const Call&, const Call&) = default;
};

/// `arguments` are those of the process, without its name.  --project is the plugin's own wherever
/// it stands before a "--"; every other word is Cofferdam's.  Throws CallError.
Call parse_call(const std::vector<std::string>& arguments);

}  // namespace plugin
