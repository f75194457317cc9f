#include "controller/cli/snapshot_views.h"

#include <nlohmann/json.hpp>
#include <set>

#include "controller/cli/check_views.h"
#include "controller/cli/text_table.h"
#include "controller/units.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string checked_text(const SnapshotEntry& entry) {
  return standing_text(entry.checked) + (entry.pinned ? " (pinned)" : "");
}

Json entry_json(const SnapshotEntry& entry) {
  Json json;
  json["name"] = entry.name;
  json["checked"] = Json::parse(standing_json(entry.checked));
  json["pinned"] = entry.pinned;
  if (!entry.summary) {
    json["created_at"] = nullptr;
    json["status"] = "corrupt";
    for (const auto* unknown :
         {"project", "platform_version", "services", "volumes", "databases"}) {
      json[unknown] = nullptr;
    }
    json["bytes"] = entry.bytes;
    json["problem"] = entry.problem;
    return json;
  }
  const auto& summary = *entry.summary;
  json["created_at"] = summary.created_at;
  json["status"] = to_string(summary.status);
  json["project"] = summary.project;
  json["platform_version"] = summary.platform_version;
  json["services"] = summary.services;
  json["volumes"] = summary.volumes;
  json["databases"] = summary.databases;
  json["bytes"] = entry.bytes;
  return json;
}

Json component_json(const std::string& kind, const std::string& member, const std::string& name,
                    Grade grade, const Artifact& artifact) {
  return {{"kind", kind},
          {"service", member},
          {"name", name},
          {"status", "success"},
          {"grade", to_string(grade)},
          {"bytes", artifact.bytes},
          {"sha256", artifact.sha256}};
}

Json components_json(const Manifest& manifest) {
  Json components = Json::array();
  for (const auto& volume : manifest.volumes) {
    components.push_back(component_json("volume",
                                        volume.services.empty() ? "" : volume.services.front(),
                                        volume.key, volume.grade, volume.artifact));
  }
  for (const auto& database : manifest.databases) {
    components.push_back(component_json("database", database.service, database.name, database.grade,
                                        database.artifact));
  }
  return components;
}

std::uint64_t rows_of(const DatabaseRecord& database) {
  std::uint64_t rows = 0;
  for (const auto& one : database.tables) {
    rows += one.rows;
  }
  return rows;
}

std::string database_row_text(const DatabaseRecord& database) {
  return std::to_string(database.tables.size()) + " tables, " + std::to_string(rows_of(database)) +
         " rows, " + database.engine + " " + database.server_version;
}

std::string contents_text(const Manifest& manifest) {
  std::vector<Row> rows;
  for (const auto& volume : manifest.volumes) {
    rows.push_back({"  volume " + volume.key, std::string(to_string(volume.grade)),
                    human_bytes(volume.artifact.bytes),
                    std::to_string(volume.entries) + " entries, " +
                        human_bytes(volume.content_bytes) + ", " + volume.name});
  }
  for (const auto& database : manifest.databases) {
    rows.push_back({"  database " + database.service + "/" + database.name,
                    std::string(to_string(database.grade)), human_bytes(database.artifact.bytes),
                    database_row_text(database)});
  }
  return table(rows);
}

std::string downtime_text(const Manifest& manifest) {
  std::string text;
  for (const auto& member : manifest.services) {
    if (member.downtime_seconds > 0) {
      text +=
          (text.empty() ? "" : ", ") + member.name + " " + human_duration(member.downtime_seconds);
    }
  }
  return text.empty() ? "none" : text;
}

/// "default, edge (external)"; "-" in a snapshot without any.
std::string networks_text(const Manifest& manifest) {
  std::string text;
  for (const auto& network : manifest.networks) {
    text += (text.empty() ? "" : ", ") + network.key + (network.external ? " (external)" : "");
  }
  return text.empty() ? "-" : text;
}

std::string warnings_text(const Manifest& manifest) {
  std::string text;
  for (const auto& reason : manifest.reasons) {
    text += line("  ! ", reason);
  }
  for (const auto& volume : manifest.volumes) {
    for (const auto& warning : volume.warnings) {
      text += line("  ", "volume " + volume.key + ": " + warning);
    }
  }
  for (const auto& database : manifest.databases) {
    for (const auto& warning : database.warnings) {
      text += line("  ", "database " + database.name + ": " + warning);
    }
  }
  return text;
}

}  // namespace

std::string list_text(const std::vector<SnapshotEntry>& entries) {
  if (entries.empty()) {
    return "no snapshots\n";
  }
  std::vector<Row> rows = {{"NAME", "CREATED", "STATUS", "PROJECT", "VERSION", "SERVICES",
                            "VOLUMES", "DATABASES", "CHECKED", "SIZE"}};
  for (const auto& entry : entries) {
    if (!entry.summary) {
      rows.push_back({entry.name, "-", "CORRUPT", "-", "-", "-", "-", "-", checked_text(entry),
                      human_bytes(entry.bytes) + "  (" + entry.problem + ")"});
      continue;
    }
    const auto& summary = *entry.summary;
    rows.push_back(
        {entry.name, summary.created_at, std::string(to_string(summary.status)), summary.project,
         summary.platform_version.empty() ? "-" : summary.platform_version,
         std::to_string(summary.services), std::to_string(summary.volumes),
         std::to_string(summary.databases), checked_text(entry), human_bytes(entry.bytes)});
  }
  return table(rows);
}

std::string list_json(const std::vector<SnapshotEntry>& entries) {
  Json json = Json::array();
  for (const auto& entry : entries) {
    json.push_back(entry_json(entry));
  }
  return dump(json, 2);
}

std::string show_text(const Manifest& manifest, const ReportChain& checks, bool pinned) {
  std::string text =
      table({{"snapshot", manifest.name},
             {"status", std::string(to_string(manifest.status))},
             {"created", manifest.created_at},
             {"project", manifest.project},
             {"version", manifest.platform_version},
             {"engine", manifest.engine_version + " (" + manifest.architecture + ")"},
             {"cofferdam", manifest.cofferdam_version},
             {"took", human_duration(manifest.duration_seconds)},
             {"downtime", downtime_text(manifest)},
             {"networks", networks_text(manifest)},
             {"stored", human_bytes(stored_bytes(manifest))},
             {"checked", standing_text(standing_of(checks))},
             {"pinned", pinned ? "yes" : "no"}});
  text += "\ncontents:\n" + contents_text(manifest);
  if (const auto warnings = warnings_text(manifest); !warnings.empty()) {
    text += "\nwarnings:\n" + warnings;
  }
  if (!manifest.uncovered.empty()) {
    text += "\nnot in this snapshot:\n";
    for (const auto& item : manifest.uncovered) {
      text += line("  ", item.what + ": " + item.reason);
    }
  }
  if (const auto made = checks_text(checks); !made.empty()) {
    text += "\nchecks:\n" + made;
  }
  return text;
}

std::string show_json(const Manifest& manifest, const ReportChain& checks, bool pinned) {
  auto json = Json::parse(to_json(manifest));
  json["checks"] = Json::parse(checks_json(checks));
  json["pinned"] = pinned;
  return dump(json, 2) + "\n";
}

std::string verify_text(const VerifiedSnapshot& verified) {
  if (verified.findings.empty()) {
    return verified.name + ": ok, " + human_bytes(verified.bytes) + " read\n";
  }
  std::string text = verified.name + ": CORRUPT\n";
  for (const auto& finding : verified.findings) {
    text += line("  ", finding.path + ": " + finding.text);
  }
  return text;
}

std::string verify_json(const std::vector<VerifiedSnapshot>& verified) {
  Json json = Json::array();
  for (const auto& one : verified) {
    Json findings = Json::array();
    for (const auto& finding : one.findings) {
      findings.push_back({{"path", finding.path}, {"text", finding.text}});
    }
    json.push_back({{"name", one.name},
                    {"ok", one.findings.empty()},
                    {"bytes", one.bytes},
                    {"findings", std::move(findings)}});
  }
  return dump(json, 2);
}

std::string create_summary_json(const Manifest& manifest) {
  Json downtime = Json::object();
  for (const auto& member : manifest.services) {
    if (member.downtime_seconds > 0) {
      downtime[member.name] = member.downtime_seconds;
    }
  }
  const Json json = {{"type", "summary"},
                     {"name", manifest.name},
                     {"status", to_string(manifest.status)},
                     {"bytes", stored_bytes(manifest)},
                     {"duration_seconds", manifest.duration_seconds},
                     {"downtime_seconds", std::move(downtime)},
                     {"components", components_json(manifest)}};
  return dump(json, -1);
}

std::string create_summary_text(const Manifest& manifest) {
  std::string text = "snapshot " + manifest.name + ": " + std::string(to_string(manifest.status)) +
                     ", " + human_bytes(stored_bytes(manifest)) + " in " +
                     human_duration(manifest.duration_seconds) + ", downtime " +
                     downtime_text(manifest) + "\n" + contents_text(manifest);
  for (const auto& reason : manifest.reasons) {
    text += line("  ! ", reason);
  }
  return text;
}

}  // namespace controller
