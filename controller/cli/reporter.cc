#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "controller/cli/output.h"
#include "controller/cli/progress_view.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

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

  void output(const std::string& source, const std::string& line) override {
    if (!quiet_) {
      write({{"type", "output"}, {"service", source}, {"text", line}});
    }
  }

 private:
  void write(const Json& json) {
    const std::scoped_lock lock(mutex_);
    const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!to_stdout_) {
      complain(line);
      return;
    }
    try {
      print(line + "\n");
    } catch (const std::system_error&) {
      // Whoever read it is gone; that must not end a job.  The result at its end is printed by
      // others.
    }
  }

  bool to_stdout_;
  bool quiet_;
  std::mutex mutex_;
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
  if (options.json || options.log_format == LogFormat::Json) {
    return std::make_unique<JsonReporter>(options.json, options.quiet);
  }
  return make_progress_view(options,
                            {write_to_stderr, std::chrono::steady_clock::now, terminal_columns()});
}

}  // namespace

std::unique_ptr<Reporter> make_reporter(const OutputOptions& options) {
  auto reporter = unfiltered(options);
  const bool silent = options.log_level == "error" || options.log_level == "off";
  if (silent || options.log_level == "warn") {
    return std::make_unique<LevelFilter>(std::move(reporter), !silent);
  }
  return reporter;
}

}  // namespace controller
