#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "controller/cli/json_log.h"
#include "controller/cli/json_view.h"
#include "controller/cli/output.h"
#include "controller/cli/progress_view.h"

namespace controller {

namespace {

std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// A progress that nobody sees must not end a job.
void write_to_stderr(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return;
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

/// On stdout, for --json.
std::unique_ptr<Reporter> json_lines(bool quiet) {
  const auto write = [](const std::string& line) {
    try {
      print(line + "\n");
    } catch (const std::system_error&) {
      // Whoever read it is gone; that must not end a job.  The result at its end is printed by
      // others.
    }
  };
  return make_json_view(quiet, {write, std::chrono::steady_clock::now});
}

/// Tells two.
class Both : public Reporter {
 public:
  Both(std::unique_ptr<Reporter> first, std::shared_ptr<Reporter> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  void phase(const std::string& text) override {
    first_->phase(text);
    second_->phase(text);
  }
  void progress(const ComponentProgress& progress) override {
    first_->progress(progress);
    second_->progress(progress);
  }
  void warning(const std::string& text) override {
    first_->warning(text);
    second_->warning(text);
  }
  void output(const std::string& source, const std::string& line) override {
    first_->output(source, line);
    second_->output(source, line);
  }

 private:
  std::unique_ptr<Reporter> first_;
  std::shared_ptr<Reporter> second_;
};

/// COFFERDAM_LOG_LEVEL: warn lets only warnings through, error and off nothing.
class LevelFilter : public Reporter {
 public:
  LevelFilter(std::unique_ptr<Reporter> behind, bool warnings)
      : behind_(std::move(behind)), warnings_(warnings) {}

  void phase(const std::string&) override {}
  void progress(const ComponentProgress&) override {}
  void output(const std::string&, const std::string&) override {}
  void warning(const std::string& text) override {
    if (warnings_) {
      behind_->warning(text);
    }
  }

 private:
  std::unique_ptr<Reporter> behind_;
  bool warnings_;
};

std::unique_ptr<Reporter> unfiltered(const OutputOptions& options) {
  if (options.json) {
    return json_lines(options.quiet);
  }
  if (options.log_format == LogFormat::Json) {
    const auto write = [](const std::string& line) { complain(line); };
    return make_json_log(options.quiet, options.origin, {write, std::chrono::system_clock::now});
  }
  return make_progress_view(options,
                            {write_to_stderr, std::chrono::steady_clock::now, terminal_columns()});
}

}  // namespace

std::unique_ptr<Reporter> make_reporter(const OutputOptions& options) {
  auto reporter = unfiltered(options);
  const bool silent = options.log_level == "error" || options.log_level == "off";
  if (silent || options.log_level == "warn") {
    reporter = std::make_unique<LevelFilter>(std::move(reporter), !silent);
  }
  if (options.diary) {
    return std::make_unique<Both>(std::move(reporter), options.diary);
  }
  return reporter;
}

}  // namespace controller
