#include "plugin/call.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace plugin {

namespace {

constexpr std::string_view kName = "backup";

/// Global options of the docker CLI whose value is a word of its own.
constexpr std::array<std::string_view, 10> kWithValue = {
    "--config",    "--context", "-c",          "--host",    "-H",
    "--log-level", "-l",        "--tlscacert", "--tlscert", "--tlskey"};

/// Where the first word is that is neither a global option nor the value of one.
std::size_t end_of_globals(const std::vector<std::string>& arguments) {
  std::size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with('-')) {
    const bool takes_value = std::ranges::find(kWithValue, arguments[at]) != kWithValue.end();
    at += takes_value ? 2U : 1U;
  }
  return std::min(at, arguments.size());
}

/// The value that `word` holds itself: "--project=shop", "-pshop"; empty if it holds none.
std::string own_value(const std::string& word) {
  constexpr std::string_view kLong = "--project=";
  if (word.starts_with(kLong)) {
    return word.substr(kLong.size());
  }
  return word.starts_with("-p") ? word.substr(2) : "";
}

bool names_project(const std::string& word) {
  return word == "--project" || word.starts_with("--project=") ||
         (word.starts_with("-p") && !word.starts_with("--"));
}

/// Takes the plugin's own options out of `words`, from the first to before `end`.
void take_project(Call& call, std::size_t end) {
  std::vector<std::string> kept;
  const auto& words = call.words;
  std::size_t at = 0;
  for (; at < end && words[at] != "--"; ++at) {
    if (!names_project(words[at])) {
      kept.push_back(words[at]);
      continue;
    }
    call.project = own_value(words[at]);
    if (call.project.empty() && words[at].find('=') == std::string::npos && at + 1 < end) {
      call.project = words[++at];
    }
    if (call.project.empty()) {
      throw CallError(words[at] + " needs the name of a Compose project");
    }
  }
  kept.insert(kept.end(), words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  call.words = std::move(kept);
}

bool asks_for_help(const std::vector<std::string>& words) {
  return words.empty() || words.front() == "--help" || words.front() == "-h" ||
         words.front() == "help";
}

}  // namespace

Call parse_call(const std::vector<std::string>& arguments) {
  Call call;
  auto at = end_of_globals(arguments);
  call.globals.assign(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(at));
  const auto first = at < arguments.size() ? arguments[at] : "";
  if (first == "docker-cli-plugin-metadata" || first == "help") {
    call.kind = first == "help" ? CallKind::Help : CallKind::Metadata;
    return call;
  }
  if (first == "__complete") {
    call.kind = CallKind::Complete;
    ++at;
  }
  if (at >= arguments.size() || arguments[at] != kName) {
    throw CallError("docker-backup is a plugin of the docker CLI: run `docker backup`");
  }
  call.words.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
  if (call.kind == CallKind::Complete) {
    // The word that is being typed is not said yet.
    take_project(call, call.words.empty() ? 0 : call.words.size() - 1);
    return call;
  }
  take_project(call, call.words.size());
  if (asks_for_help(call.words)) {
    call.kind = CallKind::Help;
  }
  return call;
}

}  // namespace plugin
