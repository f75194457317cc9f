#include "controller/restore/restore_plan.h"

#include <algorithm>
#include <set>

#include "controller/restore/placement.h"
#include "controller/restore/restore_guards.h"
#include "controller/restore/restore_hooks.h"
#include "controller/restore/restore_stops.h"

namespace controller {

namespace {

using compose::StackVolume;

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "none" : text;
}

/// Every service that something in the snapshot came from.
std::set<std::string> services_of(const Manifest& manifest) {
  std::set<std::string> names;
  for (const auto& volume : manifest.volumes) {
    names.insert(volume.services.begin(), volume.services.end());
  }
  for (const auto& database : manifest.databases) {
    names.insert(database.service);
  }
  return names;
}

bool is_called(const DatabaseRecord& record, const std::string& word) {
  return word == record.name || word == record.service + "/" + record.name;
}

void check_databases(const Manifest& manifest, const RestoreRequest& request) {
  for (const auto& word : request.only_databases) {
    std::set<std::string> names;
    for (const auto& record : manifest.databases) {
      if (is_called(record, word)) {
        names.clear();
        break;
      }
      names.insert(record.service + "/" + record.name);
    }
    if (!names.empty() || manifest.databases.empty()) {
      throw std::invalid_argument("snapshot " + manifest.name + " has no database \"" + word +
                                  "\"; it has: " + listed(names));
    }
  }
}

void check_words(const Manifest& manifest, const RestoreRequest& request) {
  const auto known = services_of(manifest);
  for (const auto& name : request.services) {
    if (!known.contains(name)) {
      throw std::invalid_argument("snapshot " + manifest.name + " holds nothing of a service \"" +
                                  name + "\"; it has: " + listed(known));
    }
  }
  std::set<std::string> keys;
  for (const auto& volume : manifest.volumes) {
    keys.insert(volume.key);
  }
  std::set<std::string> asked(request.only_volumes.begin(), request.only_volumes.end());
  for (const auto& [key, name] : request.volumes) {
    asked.insert(key);
  }
  for (const auto& key : asked) {
    if (!keys.contains(key)) {
      throw std::invalid_argument("snapshot " + manifest.name + " has no volume \"" + key +
                                  "\"; it has: " + listed(keys));
    }
  }
  check_databases(manifest, request);
}

bool wanted(const std::vector<std::string>& chosen, const std::vector<std::string>& owners) {
  return chosen.empty() || std::ranges::any_of(owners, [&](const std::string& owner) {
           return std::ranges::find(chosen, owner) != chosen.end();
         });
}

/// Which volumes and databases were asked for.  --volume and --database name single ones, and leave
/// out what neither names.
bool wants_volume(const RestoreRequest& request, const VolumeRecord& record) {
  const bool named =
      std::ranges::find(request.only_volumes, record.key) != request.only_volumes.end();
  const bool narrowed = !request.only_volumes.empty() || !request.only_databases.empty();
  return request.table.empty() && request.with_volumes &&
         wanted(request.services, record.services) && (named || !narrowed);
}

bool wants_database(const RestoreRequest& request, const DatabaseRecord& record) {
  const bool named = std::ranges::any_of(
      request.only_databases, [&](const std::string& word) { return is_called(record, word); });
  const bool narrowed = !request.only_volumes.empty() || !request.only_databases.empty();
  return request.with_databases && wanted(request.services, {record.service}) &&
         (named || !narrowed);
}

/// Leaves the one database that has the table, with nothing but it.
void narrow_to_table(const std::string& table, RestorePlan& plan) {
  std::set<std::string> considered;
  for (const auto& database : plan.databases) {
    considered.insert(database.record.service + "/" + database.record.name);
  }
  std::erase_if(plan.databases, [&](const PlannedDatabaseRestore& database) {
    return std::ranges::none_of(database.record.tables, [&](const TableRecord& one) {
      return one.schema + "." + one.name == table;
    });
  });
  std::set<std::string> having;
  for (auto& database : plan.databases) {
    database.table = table;
    having.insert(database.record.service + "/" + database.record.name);
  }
  if (having.empty()) {
    throw std::invalid_argument("snapshot " + plan.snapshot + " has no table \"" + table +
                                "\" with rows of its own in: " + listed(considered) +
                                "; it must be SCHEMA.TABLE, as `cofferdam show --json` lists them");
  }
  if (having.size() > 1) {
    throw std::invalid_argument("snapshot " + plan.snapshot + " has a table \"" + table +
                                "\" in: " + listed(having) + "; choose one with --database");
  }
}

void check_targets(const RestorePlan& plan) {
  std::set<std::string> taken;
  for (const auto& volume : plan.volumes) {
    if (!taken.insert(volume.target).second) {
      throw std::invalid_argument("two volumes of the snapshot would go into " + volume.target +
                                  "; tell them apart with --map");
    }
  }
}

/// What the project has and this restore leaves alone, though it is about everything.
void list_untouched(const compose::Stack& stack, const Manifest& manifest, RestorePlan& plan) {
  for (const auto& volume : stack.volumes) {
    const bool in_snapshot =
        std::ranges::any_of(manifest.volumes,
                            [&](const auto& record) {
                              return record.key == volume.key || record.name == volume.name;
                            }) ||
        std::ranges::any_of(manifest.databases,
                            [&](const auto& record) { return record.volume == volume.key; });
    const bool has_data = volume.kind != compose::StackVolume::Kind::Special &&
                          volume.kind != compose::StackVolume::Kind::TmpfsVolume;
    if (!in_snapshot && has_data) {
      plan.untouched.push_back("volume " + volume.key + ", which is not in the snapshot");
    }
  }
}

/// The volume or bind mount that a point keeps something of.
PlannedVolumeRestore planned_volume(const compose::Observation& seen, const KeptItem& item) {
  PlannedVolumeRestore planned;
  planned.record.key = item.subject;
  planned.record.kind = item.subject.starts_with('/') ? "bind" : "named";
  planned.target = item.subject;
  planned.reason = "as it was kept";
  planned.origin = {false, item.kind == KeptItem::Kind::NewVolume ? "" : item.place};
  if (item.kind == KeptItem::Kind::Archive) {
    planned.method = SwapMethod::InPlace;
    planned.kept_archive = item.detail;
  } else {
    planned.mountpoint = item.detail;
  }
  const auto volume = std::ranges::find(seen.volumes, item.subject, &dockerapi::Volume::name);
  if (planned.record.kind == "named" && volume == seen.volumes.end() &&
      item.kind != KeptItem::Kind::NewVolume) {
    throw RestoreRefusal("volume " + item.subject +
                         " does not exist any more, and what was kept of it went with it");
  }
  return planned;
}

}  // namespace

RestorePlan plan_restore(const compose::Observation& seen, const compose::Stack& stack,
                         const Manifest& manifest, const RestoreRequest& request,
                         const Circumstances& circumstances) {
  check_words(manifest, request);
  RestorePlan plan;
  plan.project = stack.project;
  plan.snapshot = manifest.name;
  plan.taken_at = manifest.created_at;
  plan.snapshot_version = manifest.platform_version;
  plan.running_version = circumstances.platform_version;
  for (const auto& record : manifest.volumes) {
    if (wants_volume(request, record)) {
      plan.volumes.push_back(place_volume(seen, stack, manifest, request, record));
    }
  }
  for (const auto& record : manifest.databases) {
    if (wants_database(request, record)) {
      plan.databases.push_back(place_database(stack, manifest, request, record));
    }
  }
  if (plan.volumes.empty() && plan.databases.empty()) {
    throw std::invalid_argument("snapshot " + manifest.name +
                                " holds nothing of what was asked for");
  }
  if (!request.table.empty()) {
    narrow_to_table(request.table, plan);
  }
  check_targets(plan);
  check_architecture(plan, manifest, circumstances);
  if (!request.copy_suffix.empty()) {
    return plan;
  }
  check_versions(plan, request);
  for (const auto& name : circumstances.later_snapshots) {
    plan.warnings.push_back("snapshot " + name + " is newer");
  }
  if (!request.table.empty()) {
    return plan;
  }
  list_untouched(stack, manifest, plan);
  plan_stops(seen, stack, request.stop_running, plan);
  plan.hooks = restore_hooks(stack, circumstances.policy, plan);
  return plan;
}

RestorePlan plan_undo(const compose::Observation& seen, const compose::Stack& stack,
                      const RollbackPoint& point, const Policy& policy) {
  RestorePlan plan;
  plan.kind = "undo";
  plan.project = stack.project;
  plan.snapshot = point.snapshot;
  plan.taken_at = point.created_at;
  plan.point = point.job;
  for (const auto& item : point.items) {
    if (item.kind != KeptItem::Kind::Database && item.kind != KeptItem::Kind::NewDatabase) {
      plan.volumes.push_back(planned_volume(seen, item));
      continue;
    }
    PlannedDatabaseRestore planned;
    planned.record.engine = "postgres";
    planned.record.service = item.subject;
    planned.record.name = item.detail;
    planned.container = running_server(stack, item.subject, item.detail);
    planned.origin = {false, item.kind == KeptItem::Kind::NewDatabase ? "" : item.place};
    plan.databases.push_back(std::move(planned));
  }
  plan_stops(seen, stack, true, plan);
  plan.hooks = restore_hooks(stack, policy, plan);
  return plan;
}

}  // namespace controller
