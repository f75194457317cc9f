#include "controller/cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "controller/cli/job_process.h"

namespace controller {

namespace {

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      if ((errno == EPIPE || errno == EIO) && started_by_another()) {
        return;  // whoever asked for the job is gone, and it goes on
      }
      throw std::system_error(errno, std::generic_category(), "cannot write the output");
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

OutputOptions output_options(const Environment& environment, bool json, bool quiet) {
  OutputOptions options;
  options.json = json;
  options.quiet = quiet;
  options.terminal = isatty(STDERR_FILENO) != 0 && environment("TERM").value_or("dumb") != "dumb";
  options.colour = options.terminal && environment("NO_COLOR").value_or("").empty();
  return options;
}

void print(std::string_view text) {
  write_all(STDOUT_FILENO, text);
}

void complain(std::string_view text) {
  std::string line(text);
  line += '\n';
  try {
    write_all(STDERR_FILENO, line);
  } catch (const std::system_error&) {
    // Nobody listens; the exit code still tells.
  }
}

void complain(const OutputOptions& options, const std::string& text) {
  complain(options.log_format == LogFormat::Json
               ? json_log_line("error", text, options.origin, std::chrono::system_clock::now())
               : "cofferdam: " + text);
}

}  // namespace controller
