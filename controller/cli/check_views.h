// Verifications and drills for people and for scripts.
#pragma once

#include <string>

#include "controller/snapshot/check_report.h"

namespace controller {

/// "drilled 2026-11-20", "FAILED verify 2026-11-21", "-" if nothing was checked yet.
std::string standing_text(const CheckStanding& standing);

/// An object: `level`, `at` (null: never), `failed` (null, or `kind` and `at`), and `problem` if
/// the reports cannot be trusted.
std::string standing_json(const CheckStanding& standing);

/// A line for each report; empty without any.
std::string checks_text(const ReportChain& checks);

/// What a drill found: a headline and a table.
std::string drill_text(const CheckReport& report);

/// The last line of `drill --json`.  `kept`: the start of the names of what was left up; empty: it
/// was removed.
std::string drill_summary_json(const CheckReport& report, const std::string& kept);

/// An object: `standing` and `reports`.
std::string checks_json(const ReportChain& checks);

}  // namespace controller
