#include "controller/drill/drill_databases.h"

#include <memory>
#include <set>

#include "controller/archive/artifact.h"
#include "controller/outage/health_wait.h"

namespace controller {

namespace {

using std::chrono::milliseconds;
using Outcome = CheckedItem::Outcome;

// An image may take its time to make a cluster, and its health check may not be heeding that.
constexpr milliseconds kLoginPatience{120'000};

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const auto& sentence : sentences) {
    text += (text.empty() ? "" : "; ") + sentence;
  }
  return text;
}

class Servers {
 public:
  Servers(Setting& setting, const DrillSite& site, const DrillPlan& plan, Boot& boot)
      : setting_(setting), site_(site), plan_(plan), boot_(boot) {}

  /// The first problem, or nothing, goes into `items`.
  void restore(std::vector<CheckedItem>& items) {
    for (const auto& database : plan_.databases) {
      if (!restore_one(database, items)) {
        return;
      }
    }
  }

 private:
  bool restore_one(const DrillDatabase& database, std::vector<CheckedItem>& items) {
    const auto& record = database.record;
    CheckedItem item{"database", record.service + "/" + record.name, Outcome::Passed, "", 0};
    const auto start = setting_.clock.steady();
    try {
      auto* session = session_with(record);
      if (!session) {
        return false;  // its server failed, and the boot knows why
      }
      restore_into(*session, database, item);
    } catch (const DatabaseError& error) {
      item.outcome = Outcome::Failed;
      item.text = error.what();
    } catch (const IntegrityError& error) {
      item.outcome = Outcome::Differs;
      item.text = error.what();
    }
    item.seconds = std::chrono::duration<double>(setting_.clock.steady() - start).count();
    items.push_back(item);
    return item.outcome == Outcome::Passed;
  }

  /// Goes on trying while the server is coming up.  Null once it has failed.
  DatabaseSession* session_with(const DatabaseRecord& record) {
    auto& session = sessions_[record.service];
    const auto deadline = setting_.clock.steady() + kLoginPatience;
    while (!session) {
      try {
        const auto container = setting_.engine.inspect(site_.container(record.service));
        DatabaseDetection detection;
        detection.engine = record.engine;
        session = setting_.databases.connect({container, record.service, detection});
      } catch (const DatabaseError& error) {
        if (setting_.clock.steady() >= deadline) {
          boot_.fail(record.service, error.what());
          return nullptr;
        }
        if (!boot_.wait()) {
          return nullptr;
        }
      }
    }
    return session.get();
  }

  void restore_into(DatabaseSession& session, const DrillDatabase& database, CheckedItem& item) {
    const auto& record = database.record;
    if (const auto objections = session.objections(record, database.server); !objections.empty()) {
      throw DatabaseRefusal(joined(objections));
    }
    setting_.reporter.phase("restoring " + item.name);
    const auto staged = session.stage(record, database.server,
                                      setting_.store.directory(plan_.snapshot), site_.job());
    setting_.reporter.phase("comparing " + item.name);
    std::vector<std::string> differences;
    for (const auto& finding : staged->verify()) {
      differences.push_back(finding.text);
    }
    if (!differences.empty()) {
      item.outcome = Outcome::Differs;
      item.text = joined(differences);
      return;
    }
    staged->commit();
    staged->discard();
    item.text = std::to_string(record.tables.size()) + " tables, as recorded";
  }

  Setting& setting_;
  const DrillSite& site_;
  const DrillPlan& plan_;
  Boot& boot_;
  std::map<std::string, std::unique_ptr<DatabaseSession>> sessions_;  // by service
};

}  // namespace

std::vector<CheckedItem> restore_databases(Setting& setting, const DrillSite& site,
                                           const DrillPlan& plan, Boot& boot) {
  std::set<std::string> servers;
  for (const auto& database : plan.databases) {
    servers.insert(database.record.service);
  }
  std::vector<CheckedItem> items;
  if (!servers.empty() && boot.bring_up(servers)) {
    Servers(setting, site, plan, boot).restore(items);
  }
  return items;
}

}  // namespace controller
