// How a command talks: data on stdout, messages on stderr.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "controller/cli/json_log.h"
#include "controller/cli/settings.h"
#include "controller/reporter.h"

namespace controller {

struct OutputOptions {
  bool json = false;
  bool quiet = false;
  bool terminal = false;  // stderr is one
  bool colour = false;
  LogFormat log_format = LogFormat::Text;
  LogOrigin origin;
  std::string log_level = "info";
  std::shared_ptr<Reporter> diary;  // is told everything, too; may be empty
};

/// Looks at stderr, NO_COLOR and TERM.
OutputOptions output_options(const Environment& environment, bool json, bool quiet);

/// Bars with rate and time left on a terminal; otherwise a line for each phase and one every 30 s.
/// Nothing but warnings if quiet.  With `json`, JSON lines on stdout; else, with LogFormat::Json,
/// JSON lines of the log on stderr.
std::unique_ptr<Reporter> make_reporter(const OutputOptions& options);

/// Writes all of `text` to stdout; throws if that is not possible (a full disk behind a redirection
/// must not look like success).
void print(std::string_view text);

/// One message on stderr, with a newline.
void complain(std::string_view text);

/// The same, said by the program itself, in the form the log has.
void complain(const OutputOptions& options, const std::string& text);

}  // namespace controller
