#include "controller/restore/database_restore.h"

#include <exception>

namespace controller {

namespace {

std::string component_of(const PlannedDatabaseRestore& planned) {
  return planned.record.service + "/" + planned.record.name;
}

}  // namespace

std::unique_ptr<DatabaseSession> connect_to_server(Setting& setting,
                                                   const PlannedDatabaseRestore& planned) {
  DatabaseDetection detection;
  detection.engine = planned.record.engine;
  return setting.databases.connect(
      {setting.engine.inspect(planned.container), planned.record.service, detection});
}

DatabaseRestore::DatabaseRestore(Setting& setting, const RestorePlan& plan)
    : setting_(setting), plan_(plan) {
  std::string objections;
  for (const auto& planned : plan.databases) {
    auto& session = sessions_[planned.record.service];
    if (!session) {
      session = connect_to_server(setting, planned);
    }
    if (!planned.origin.snapshot) {
      continue;
    }
    for (const auto& text : session->objections(planned.record, planned.server)) {
      objections += "\n  " + component_of(planned) + ": " + text;
    }
    for (const auto& text : session->cautions(planned.record)) {
      cautions_.push_back(component_of(planned) + ": " + text);
    }
  }
  if (!objections.empty()) {
    throw DatabaseRefusal("this cannot be restored here; nothing was touched:" + objections);
  }
}

DatabaseRestore::~DatabaseRestore() {
  try {
    if (committed_ == 0) {
      discard();
    }
  } catch (const std::exception& error) {
    setting_.reporter.warning(std::string("a staged database could not be dropped: ") +
                              error.what() + "; the journal is replayed by the next start");
  }
}

void DatabaseRestore::stage(const std::filesystem::path& snapshot, const std::string& job) {
  for (const auto& planned : plan_.databases) {
    const std::string component = component_of(planned);
    if (!planned.origin.snapshot) {
      staged_.push_back({component, sessions_.at(planned.record.service)
                                        ->adopt(planned.record.name, planned.origin.keeper, job)});
      continue;
    }
    setting_.reporter.phase("restoring " + component + " into a new database");
    auto& session = sessions_.at(planned.record.service);
    staged_.push_back({component, session->stage(planned.record, planned.server, snapshot, job)});
    setting_.reporter.phase("checking " + component);
    std::string wrong;
    for (const auto& finding : staged_.back().database->verify()) {
      wrong += "\n  " + finding.path + ": " + finding.text;
    }
    if (!wrong.empty()) {
      discard();
      throw DatabaseError(component +
                          " did not restore to what the snapshot recorded; the live database is "
                          "as it was:" +
                          wrong);
    }
  }
}

void DatabaseRestore::commit() {
  for (auto& staged : staged_) {
    ++committed_;  // before, not after: a swap without an answer may have happened
    staged.database->commit();
  }
}

bool DatabaseRestore::has_previous(std::size_t index) const {
  return staged_.at(index).database->has_previous();
}

void DatabaseRestore::undo() {
  std::exception_ptr failure;
  for (std::size_t index = committed_; index-- > 0;) {
    try {
      staged_[index].database->undo();
    } catch (const std::exception&) {
      failure = failure ? failure : std::current_exception();  // the others go back all the same
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  discard();
}

std::vector<std::uint64_t> DatabaseRestore::keep(const std::string& job) {
  for (const auto& [service, session] : sessions_) {
    session->keep(job);
  }
  for (const auto& staged : staged_) {
    for (const auto& warning : staged.database->warnings()) {
      setting_.reporter.warning(staged.component + ": " + warning);
    }
  }
  std::vector<std::uint64_t> sizes;
  for (const auto& planned : plan_.databases) {
    sizes.push_back(sessions_.at(planned.record.service)->kept_bytes(planned.record.name, job));
  }
  return sizes;
}

void DatabaseRestore::discard() {
  for (auto& staged : staged_) {
    staged.database->discard();
  }
  staged_.clear();
  committed_ = 0;
}

}  // namespace controller
