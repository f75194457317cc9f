#include "controller/cli/progress_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>

#include "controller/snapshot/shell_quote.h"
#include "controller/units.h"

namespace controller {

namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kLineInterval{30};
constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::milliseconds kFirstRate{500};  // before that it says nothing
constexpr std::size_t kBarWidth = 24;

std::string amount_text(const ComponentProgress& progress, std::chrono::duration<double> elapsed) {
  std::string text = human_bytes(progress.bytes);
  if (progress.total > 0) {
    text += " of " + human_bytes(progress.total);
  }
  if (elapsed < kFirstRate || progress.bytes == 0) {
    return text;
  }
  const double rate = static_cast<double>(progress.bytes) / elapsed.count();
  text += ", " + human_bytes(static_cast<std::uint64_t>(rate)) + "/s";
  if (progress.total > progress.bytes) {
    const double left = static_cast<double>(progress.total - progress.bytes) / rate;
    text += ", " + human_duration(left) + " left";
  }
  return text;
}

bool begins_character(char one) {
  return (static_cast<unsigned char>(one) & 0xC0U) != 0x80U;
}

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

/// Cut to what fits on a line: a bar that wraps could not be wiped.
std::string fitted(std::string text, std::size_t columns) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (begins_character(text[i]) && ++width >= columns) {
      text.resize(i);
      break;
    }
  }
  return text;
}

/// "[####....]  50% ", no wider than `room`; without the bar if there is hardly any.
std::string bar(const ComponentProgress& progress, std::size_t room) {
  constexpr std::size_t kAround = std::string_view("[] 100% ").size();
  constexpr std::size_t kNarrowest = 6;
  if (progress.total == 0) {
    return {};
  }
  const double share =
      std::min(1.0, static_cast<double>(progress.bytes) / static_cast<double>(progress.total));
  std::array<char, 16> percent{};
  std::snprintf(percent.data(), percent.size(), "%3.0f%% ", share * 100);
  if (room < kAround + kNarrowest) {
    return percent.data();
  }
  const std::size_t width = std::min(kBarWidth, room - kAround);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " + percent.data();
}

class ProgressView : public Reporter {
 public:
  ProgressView(const OutputOptions& options, ProgressOutput output)
      : options_(options), output_(std::move(output)), last_line_(output_.now()) {}
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  ~ProgressView() override { wipe(); }

  void phase(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    if (!options_.quiet) {
      line(one_line(text));
    }
  }

  void warning(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    line((options_.colour ? "\033[33mwarning:\033[0m " : "warning: ") + one_line(text));
  }

  void progress(const ComponentProgress& progress) override {
    const std::scoped_lock lock(mutex_);
    if (options_.quiet) {
      return;
    }
    const Time now = output_.now();
    const Time began = began_.try_emplace(progress.component, now).first->second;
    const std::string text =
        one_line(progress.component) + "  " + amount_text(progress, now - began);
    if (options_.terminal) {
      draw(progress, text, now);
    } else if (!progress.finished && now - last_line_ >= kLineInterval) {
      last_line_ = now;
      line(text);
    }
    if (progress.finished) {
      began_.erase(progress.component);
    }
  }

 private:
  void draw(const ComponentProgress& progress, const std::string& text, Time now) {
    if (!progress.finished && drawn_ && now - last_line_ < kBarInterval) {
      return;
    }
    last_line_ = now;
    const std::size_t used = width_of(text) + 1;  // the last column stays free
    const std::size_t room = output_.columns > used ? output_.columns - used : 0;
    output_.write("\r\033[K" + fitted(bar(progress, room) + text, output_.columns));
    drawn_ = true;
    if (progress.finished) {  // it stays, and the next one is drawn below it
      output_.write("\n");
      drawn_ = false;
    }
  }

  void line(const std::string& text) {
    wipe();
    output_.write(text + "\n");
  }

  void wipe() {
    if (drawn_) {
      output_.write("\r\033[K");
      drawn_ = false;
    }
  }

  OutputOptions options_;
  ProgressOutput output_;
  std::mutex mutex_;
  std::map<std::string, Time> began_;  // components on their way
  Time last_line_;
  bool drawn_ = false;  // a bar is on the screen
};

}  // namespace

std::unique_ptr<Reporter> make_progress_view(const OutputOptions& options, ProgressOutput output) {
  return std::make_unique<ProgressView>(options, std::move(output));
}

}  // namespace controller
