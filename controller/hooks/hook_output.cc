#include "controller/hooks/hook_output.h"

#include <algorithm>
#include <utility>

#include "controller/plan/secrets.h"
#include "controller/snapshot/shell_quote.h"

namespace controller {

namespace {

constexpr std::size_t kKeptOfLine = 8192;   // bytes, before secrets are masked
constexpr std::size_t kShownOfLine = 2000;  // bytes in the log
constexpr std::size_t kMostLines = 1000;

bool continues_character(char one) {
  return (static_cast<unsigned char>(one) & 0xC0U) == 0x80U;
}

std::string shortened(const std::string& text, bool cut) {
  if (text.size() <= kShownOfLine) {
    return cut ? text + " […]" : text;
  }
  std::size_t end = kShownOfLine;
  while (end > 0 && continues_character(text[end])) {
    --end;
  }
  return text.substr(0, end) + " […]";
}

}  // namespace

HookOutput::HookOutput(Reporter& reporter, std::string source, std::vector<std::string> secrets)
    : reporter_(reporter), source_(std::move(source)), secrets_(std::move(secrets)) {}

HookOutput::~HookOutput() {
  end_line(standard_output_);
  end_line(standard_error_);
}

void HookOutput::add(dockerapi::Channel channel, std::string_view bytes) {
  auto& line = channel == dockerapi::Channel::Stdout ? standard_output_ : standard_error_;
  while (!bytes.empty()) {
    // A carriage return begins a progress bar anew.
    const auto end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    const auto room = kKeptOfLine - std::min(kKeptOfLine, line.text.size());
    line.text += bytes.substr(0, std::min(end, room));
    line.cut = line.cut || end > room;
    if (end == bytes.size()) {
      return;
    }
    end_line(line);
    bytes.remove_prefix(end + 1);
  }
}

void HookOutput::end_line(Line& line) {
  auto text = masked(line.text, secrets_);
  if (line.cut && !secrets_.empty()) {
    // It may end with the beginning of a secret.
    text.resize(text.size() - std::min(text.size(), secrets_.front().size()));
  }
  const bool cut = std::exchange(line, {}).cut;
  if ((text.empty() && !cut) || lines_ > kMostLines) {
    return;
  }
  std::ranges::replace(text, '\t', ' ');
  reporter_.output(source_, lines_++ == kMostLines ? "[further output is left out]"
                                                   : shortened(escaped(text), cut));
}

}  // namespace controller
