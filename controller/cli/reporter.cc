#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "controller/cli/output.h"
#include "controller/cli/units.h"

namespace controller {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kLineInterval{30};
constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::size_t kBarWidth = 24;

/// Since when a component is on its way, for its rate.
struct Course {
  Clock::time_point began;
  std::uint64_t bytes = 0;
};

std::string rate_text(const ComponentProgress& progress, const Course& course) {
  const std::chrono::duration<double> elapsed = Clock::now() - course.began;
  std::string text = human_bytes(progress.bytes);
  if (progress.total > 0) {
    text += " of " + human_bytes(progress.total);
  }
  if (elapsed.count() < 0.5 || progress.bytes == 0) {
    return text;
  }
  const double rate = static_cast<double>(progress.bytes) / elapsed.count();
  text += ", " + human_bytes(static_cast<std::uint64_t>(rate)) + "/s";
  if (progress.total > progress.bytes) {
    text += ", " + human_duration(static_cast<double>(progress.total - progress.bytes) / rate) +
            " left";
  }
  return text;
}

std::string bar(const ComponentProgress& progress) {
  if (progress.total == 0) {
    return {};
  }
  const double share =
      std::min(1.0, static_cast<double>(progress.bytes) / static_cast<double>(progress.total));
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  std::array<char, 16> percent{};
  std::snprintf(percent.data(), percent.size(), "%3.0f%% ", share * 100);
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] " +
         percent.data();
}

/// For people: bars on a terminal, lines elsewhere.
class TextReporter : public Reporter {
 public:
  explicit TextReporter(OutputOptions options) : options_(std::move(options)) {}

  ~TextReporter() override { clear_bar(); }

  void phase(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    clear_bar();
    if (!options_.quiet) {
      complain(text);
    }
  }

  void progress(const ComponentProgress& progress) override {
    const std::scoped_lock lock(mutex_);
    if (options_.quiet) {
      return;
    }
    const auto now = Clock::now();
    const auto [course, fresh] = courses_.try_emplace(progress.component, Course{now, 0});
    course->second.bytes = progress.bytes;
    if (options_.terminal) {
      draw(progress, course->second, now);
    } else if (!fresh && !progress.finished && now - last_line_ >= kLineInterval) {
      last_line_ = now;
      complain(progress.component + ": " + rate_text(progress, course->second));
    }
    if (progress.finished) {
      courses_.erase(course);
    }
  }

  void warning(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    clear_bar();
    complain((options_.colour ? "\033[33mwarning:\033[0m " : "warning: ") + text);
  }

 private:
  void draw(const ComponentProgress& progress, const Course& course, Clock::time_point now) {
    if (!progress.finished && now - last_line_ < kBarInterval) {
      return;
    }
    last_line_ = now;
    const std::string line =
        bar(progress) + progress.component + "  " + rate_text(progress, course);
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    drawn_ = true;
    if (progress.finished) {
      std::fputc('\n', stderr);
      drawn_ = false;
    }
    std::fflush(stderr);
  }

  void clear_bar() {
    if (drawn_) {
      std::fputs("\r\033[K", stderr);
      std::fflush(stderr);
      drawn_ = false;
    }
  }

  OutputOptions options_;
  std::mutex mutex_;
  std::map<std::string, Course> courses_;
  Clock::time_point last_line_ = Clock::now();
  bool drawn_ = false;
};

/// For scripts: JSON lines, on stdout with --json, on stderr as the log of `serve`.
class JsonReporter : public Reporter {
 public:
  JsonReporter(bool to_stdout, bool quiet) : to_stdout_(to_stdout), quiet_(quiet) {}

  void phase(const std::string& text) override {
    if (!quiet_) {
      write({{"type", "phase"}, {"text", text}});
    }
  }

  void progress(const ComponentProgress& progress) override {
    if (!quiet_) {
      write({{"type", "progress"},
             {"component", progress.component},
             {"bytes", progress.bytes},
             {"total", progress.total},
             {"finished", progress.finished}});
    }
  }

  void warning(const std::string& text) override { write({{"type", "warning"}, {"text", text}}); }

 private:
  void write(const Json& json) {
    const std::scoped_lock lock(mutex_);
    const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (to_stdout_) {
      print(line + "\n");
    } else {
      complain(line);
    }
  }

  bool to_stdout_;
  bool quiet_;
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<Reporter> make_reporter(const OutputOptions& options) {
  if (options.json || options.log_format == LogFormat::Json) {
    return std::make_unique<JsonReporter>(options.json, options.quiet);
  }
  return std::make_unique<TextReporter>(options);
}

}  // namespace controller
