#include "controller/restore/restore_guards.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace controller {

namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// The numbers of a version: 1, 4, 2 of "v1.4.2-rc1"; none of "latest".
std::vector<std::string> numbers_of(const std::string& version) {
  std::size_t at = version.starts_with('v') ? 1 : 0;
  std::vector<std::string> numbers;
  while (at < version.size() && is_digit(version[at])) {
    std::size_t end = at;
    while (end < version.size() && is_digit(version[end])) {
      ++end;
    }
    numbers.push_back(version.substr(at, end - at));
    at = end < version.size() && version[end] == '.' ? end + 1 : version.size();
  }
  return numbers;
}

std::string shown(const std::string& version) {
  return version.empty() ? "unknown" : version;
}

}  // namespace

VersionStep compare_versions(const std::string& before, const std::string& now) {
  if (before == now) {
    return before.empty() ? VersionStep::Unknown : VersionStep::Same;
  }
  const auto old_numbers = numbers_of(before);
  const auto new_numbers = numbers_of(now);
  if (old_numbers.empty() || new_numbers.empty()) {
    return VersionStep::Unknown;
  }
  return old_numbers.front() == new_numbers.front() ? VersionStep::Minor : VersionStep::Major;
}

void check_versions(RestorePlan& plan, const RestoreRequest& request) {
  const std::string both = "the snapshot was taken on version " + shown(plan.snapshot_version) +
                           " of the platform, and " + shown(plan.running_version) + " runs here";
  switch (compare_versions(plan.snapshot_version, plan.running_version)) {
    case VersionStep::Same:
      return;
    case VersionStep::Unknown:
      if (plan.snapshot_version != plan.running_version) {
        plan.warnings.push_back(both + ": they cannot be compared");
      }
      return;
    case VersionStep::Minor:
      plan.warnings.push_back(both);
      return;
    case VersionStep::Major:
      if (!request.ignore_version) {
        throw RestoreRefusal(both +
                             ". Its data may not be what this version expects. Start the version "
                             "of the snapshot, or add --ignore-version");
      }
      plan.warnings.push_back(both + "; restored all the same");
  }
}

void check_architecture(const RestorePlan& plan, const Manifest& manifest,
                        const Circumstances& circumstances) {
  if (manifest.architecture.empty() || manifest.architecture == circumstances.architecture) {
    return;
  }
  for (const auto& volume : plan.volumes) {
    for (const auto& name : volume.record.services) {
      if (circumstances.database_services.contains(name)) {
        throw RestoreRefusal("volume " + volume.record.key + " holds the files of database " +
                             name + " as " + manifest.architecture + " wrote them, and this is " +
                             circumstances.architecture +
                             ": its server could not read them. Leave it out with --services or "
                             "--volume, and restore from a dump");
      }
    }
  }
}

}  // namespace controller
