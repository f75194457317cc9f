// The plan for people.
#include <array>
#include <cstdio>
#include <sstream>

#include "controller/plan/capture_plan.h"

namespace controller {

namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::string seconds(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", value);
  return text.data();
}

std::string size(std::uint64_t bytes) {
  static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) {
    value /= 1024;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text.data();
}

std::string last_size(std::uint64_t bytes) {
  return bytes == 0 ? std::string() : "; last time " + size(bytes);
}

std::uint64_t last_bytes_of_volume(const CapturePlan& plan, const std::string& key) {
  if (!plan.last) {
    return 0;
  }
  const auto found = plan.last->bytes.find(key);
  return found == plan.last->bytes.end() ? 0 : found->second;
}

// Of all databases of the server.
std::uint64_t last_bytes_of_server(const CapturePlan& plan, const std::string& service) {
  std::uint64_t bytes = 0;
  if (plan.last) {
    for (const auto& [name, value] : plan.last->bytes) {
      bytes += name.starts_with(service + "/") ? value : 0;
    }
  }
  return bytes;
}

std::string last_downtime(const CapturePlan& plan, const PlannedStop& stop) {
  if (!plan.last) {
    return {};
  }
  const auto found = plan.last->downtime_seconds.find(stop.service);
  return found == plan.last->downtime_seconds.end()
             ? std::string()
             : "; down for " + seconds(found->second) + " last time";
}

std::string how(const PlannedVolume& volume) {
  switch (volume.mode) {
    case Mode::Stop:
      return volume.only_paused.empty()
                 ? "copied while nobody writes it"
                 : "copied while " + listed(volume.only_paused) + " is only paused";
    case Mode::Pause:
      return "copied while its writers are paused";
    case Mode::Live:
      return "copied while it is written to";
    case Mode::Dump:
      return "dumped";
  }
  return "unknown";
}

void write_volume(std::ostream& out, const CapturePlan& plan, const PlannedVolume& volume) {
  const bool bind = volume.kind == compose::StackVolume::Kind::Bind;
  out << "  " << (bind ? "bind mount " : "volume ") << volume.key;
  if (volume.name != volume.key) {
    out << " (" << volume.name << ")";
  }
  out << ": " << how(volume) << last_size(last_bytes_of_volume(plan, volume.key)) << "\n";
  out << "    flagged by: " << volume.reason << "\n";
  auto writers = volume.producers;
  writers.insert(writers.end(), volume.foreign_producers.begin(), volume.foreign_producers.end());
  out << "    written by: " << (writers.empty() ? "nobody" : listed(writers)) << "\n";
  if (!volume.readers.empty()) {
    out << "    read by: " << listed(volume.readers) << "\n";
  }
  if (!volume.exclude.empty()) {
    out << "    without: " << listed(volume.exclude) << "\n";
  }
  out << "    into: " << volume.artifact << "\n";
}

void write_database(std::ostream& out, const CapturePlan& plan, const PlannedDatabase& database) {
  out << "  database " << database.service << " (" << database.detection.engine
      << "): " << (database.databases.empty() ? "all databases" : listed(database.databases))
      << " dumped while it runs" << last_size(last_bytes_of_server(plan, database.service)) << "\n";
  out << "    flagged by: " << database.reason << "\n";
  out << "    recognised by: " << listed(database.detection.evidence) << "\n";
  out << "    files in: " << (database.volume.empty() ? "no volume" : database.volume) << "\n";
}

void write_stops(std::ostream& out, const CapturePlan& plan) {
  if (plan.stops.empty()) {
    out << "\nNothing stops.\n";
    return;
  }
  out << "\nStops in this order, starts in the reverse order:\n";
  std::size_t number = 0;
  for (const auto& stop : plan.stops) {
    out << "  " << ++number << ". "
        << (stop.action == PlannedStop::Action::Stop ? "stop " : "pause ") << stop.name << ": "
        << stop.reason;
    if (stop.action == PlannedStop::Action::Stop &&
        stop.state == dockerapi::ContainerState::Paused) {
      out << "; paused again afterwards";
    }
    if (stop.await_healthy) {
      out << "; awaited until healthy";
    }
    out << last_downtime(plan, stop) << "\n";
  }
}

}  // namespace

std::string to_text(const CapturePlan& plan) {
  std::ostringstream out;
  out << "Project " << plan.project;
  if (!plan.platform_version.empty()) {
    out << ", version " << plan.platform_version;
  }
  out << "\n\nCaptured:\n";
  for (const auto& database : plan.databases) {
    write_database(out, plan, database);
  }
  for (const auto& volume : plan.volumes) {
    write_volume(out, plan, volume);
  }
  if (plan.databases.empty() && plan.volumes.empty()) {
    out << "  nothing\n";
  }
  write_stops(out, plan);
  if (!plan.hooks.empty()) {
    out << "\nHooks:\n";
    for (const auto& hook : plan.hooks) {
      out << to_text(hook);
    }
  }
  if (!plan.unprotected.empty()) {
    out << "\nNothing protects:\n";
    for (const auto& entry : plan.unprotected) {
      out << "  " << entry.what << ": " << entry.reason << "\n";
    }
  }
  if (!plan.warnings.empty()) {
    out << "\nWarnings:\n";
    for (const auto& warning : plan.warnings) {
      out << "  " << warning << "\n";
    }
  }
  if (plan.last) {
    out << "\nThe last run, " << plan.last->snapshot << ", took "
        << seconds(plan.last->duration_seconds) << ".\n";
  }
  return out.str();
}

}  // namespace controller
