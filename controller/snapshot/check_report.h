// What was checked of a snapshot after it was made, and with what result.
//
// Reports lie beside the snapshot as lines of JSON, each with the SHA-256 of the line before it
// (the first: of manifest.json), so that none can be changed, removed or put in unnoticed.
// docs/snapshot-format.md describes the file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// How much is known of a snapshot, each level more than the one before.  Stored: its files are
/// there with their sizes.  Hashed: they have their digests.  Readable: they were decompressed and
/// walked to their end.  Drilled: the stack came up on them.
enum class CheckLevel { Stored, Hashed, Readable, Drilled };
std::string_view to_string(CheckLevel level);

/// One file, volume, database or service that was looked at.
struct CheckedItem {
  /// Differs: it is not what was recorded.  Failed: it could not be found out, or it did not work.
  enum class Outcome { Passed, Failed, Skipped, Differs };

  std::string kind;  // "file", "volume", "database", "service"
  std::string name;
  Outcome outcome = Outcome::Passed;
  std::string text;  // what was seen; what is wrong; why it was skipped
  double seconds = 0;

  friend bool operator==(const CheckedItem&, const CheckedItem&) = default;
};

/// Neither Failed nor Differs.
bool is_fine(CheckedItem::Outcome outcome);
std::string_view to_string(CheckedItem::Outcome outcome);

struct CheckReport {
  static constexpr int kFormat = 1;  // raise when an old reader would misread a new line

  std::string snapshot;
  std::string kind;                         // "verify", "drill"
  CheckLevel level = CheckLevel::Readable;  // what a pass proves
  bool passed = false;
  std::string at;  // RFC 3339 UTC: when it began
  std::string cofferdam_version;
  std::string engine_version;  // of a drill
  std::string reason;          // why it did not pass; empty if it did
  std::vector<CheckedItem> items;
  std::map<std::string, double> seconds;  // by part: "verify", "volumes", "databases", "boot", …

  friend bool operator==(const CheckReport&, const CheckReport&) = default;
};

/// The reports of one snapshot, oldest first.
struct ReportChain {
  std::vector<CheckReport> reports;  // those before the first broken link
  std::string problem;               // what is wrong with the chain; empty: nothing

  friend bool operator==(const ReportChain&, const ReportChain&) = default;
};

/// What the reports come to.
struct CheckStanding {
  CheckLevel level = CheckLevel::Stored;  // the highest that was passed
  std::string at;                         // when that was passed last; empty: never
  std::string failed_kind;  // the newest check that failed, unless a pass of at least its level
  std::string failed_at;    // came later; empty: none
  std::string problem;      // the reports themselves cannot be trusted

  friend bool operator==(const CheckStanding&, const CheckStanding&) = default;
};
CheckStanding standing_of(const ReportChain& chain);

/// The report as a line, without its newline, that follows a line with the digest `previous`.
std::string report_line(const CheckReport& report, const std::string& previous);

/// Reads whole lines; what follows the last newline was being written when its writer died, and
/// counts as never written.  `manifest_digest` is the SHA-256 of manifest.json.
ReportChain read_report_lines(std::string_view lines, const std::string& manifest_digest);

/// SHA-256 of the last whole line, `manifest_digest` if there is none: what the next line names.
std::string last_digest(std::string_view lines, const std::string& manifest_digest);

/// The part of `text` up to and with its last newline.
std::string_view whole_lines(std::string_view text);

}  // namespace controller
