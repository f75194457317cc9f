#include "controller/drill/drill.h"

#include <algorithm>

#include "controller/capture/job_scope.h"
#include "controller/drill/boot.h"
#include "controller/drill/drill_databases.h"
#include "controller/drill/drill_site.h"
#include "controller/drill/drill_volumes.h"

namespace controller {

namespace {

using Outcome = CheckedItem::Outcome;

class Course {
 public:
  Course(Setting& setting, const Manifest& manifest, const DrillPlan& plan, std::stop_token stop)
      : setting_(setting), manifest_(manifest), plan_(plan), stop_(std::move(stop)) {
    report_.snapshot = manifest.name;
    report_.kind = "drill";
    report_.level = CheckLevel::Drilled;
    report_.at = rfc3339(setting.clock.now());
    report_.cofferdam_version = COFFERDAM_VERSION;
    report_.engine_version = setting.engine.version().engine;
  }

  DrillResult run(DrillAfterwards afterwards) {
    std::string job;
    timed("total", [&] {
      timed("verify", [&] { verify(); });
      if (well()) {
        job = boot_it(afterwards);
      }
    });
    judge();
    return {report_, job};
  }

 private:
  void verify() {
    setting_.reporter.phase("verifying " + manifest_.name);
    const auto total = stored_bytes(manifest_);
    const auto findings = verify_snapshot(
        setting_.store.directory(manifest_.name), manifest_, setting_.read_dump,
        [&](std::uint64_t bytes) {
          setting_.reporter.progress({"snapshot " + manifest_.name, bytes, total, false});
        });
    for (const auto& finding : findings) {
      report_.items.push_back({"file", finding.path, Outcome::Differs, finding.text, 0});
    }
  }

  /// Returns the job's id.
  std::string boot_it(DrillAfterwards afterwards) {
    JobScope job(setting_.journal, "drill", manifest_.name, plan_.project,
                 OnFailure::LeaveToReplay);
    job.intend({0, Step::Kind::Drill, {}, manifest_.name, ""});
    DrillSite site(setting_, job.id(), plan_);
    Boot boot(setting_, site, plan_, stop_);
    timed("volumes", [&] {
      setting_.reporter.phase("extracting volumes");
      add(fill_volumes(setting_, site, plan_, stop_));
    });
    if (well()) {
      timed("databases", [&] { add(restore_databases(setting_, site, plan_, boot)); });
    }
    if (well()) {
      timed("boot", [&] { boot.bring_up(everything()); });
    }
    add(boot.items());
    if (afterwards == DrillAfterwards::Keep) {
      site.keep();
    } else {
      setting_.reporter.phase("removing the drill");
      site.remove();
    }
    job.finish(well() ? "success" : "failed");
    return job.id();
  }

  [[nodiscard]] std::set<std::string> everything() const {
    std::set<std::string> names;
    for (const auto& level : plan_.levels) {
      for (const auto& service : level) {
        names.insert(service.name);
      }
    }
    return names;
  }

  void judge() {
    for (const auto& omission : plan_.omitted) {
      report_.items.push_back({omission.kind, omission.name, Outcome::Skipped, omission.reason, 0});
    }
    report_.passed = well();
    const auto wrong = first_wrong();
    if (wrong != report_.items.end()) {
      report_.reason = wrong->kind + " " + wrong->name + ": " + wrong->text;
    }
  }

  template <typename Part>
  void timed(const std::string& name, Part part) {
    const auto start = setting_.clock.steady();
    part();
    report_.seconds[name] = std::chrono::duration<double>(setting_.clock.steady() - start).count();
  }

  void add(const std::vector<CheckedItem>& items) {
    report_.items.insert(report_.items.end(), items.begin(), items.end());
  }

  [[nodiscard]] bool well() const { return first_wrong() == report_.items.end(); }

  [[nodiscard]] std::vector<CheckedItem>::const_iterator first_wrong() const {
    return std::ranges::find_if_not(report_.items, is_fine, &CheckedItem::outcome);
  }

  Setting& setting_;
  const Manifest& manifest_;
  const DrillPlan& plan_;
  std::stop_token stop_;
  CheckReport report_;
};

}  // namespace

DrillResult drill(Setting& setting, const Manifest& manifest, const DrillPlan& plan,
                  DrillAfterwards afterwards, std::stop_token stop) {
  auto result = Course(setting, manifest, plan, std::move(stop)).run(afterwards);
  try {
    setting.store.add_report(result.report);
  } catch (const std::exception& error) {
    setting.reporter.warning("the drill is not recorded: " + std::string(error.what()));
  }
  return result;
}

bool data_differ(const CheckReport& report) {
  return std::ranges::find(report.items, Outcome::Differs, &CheckedItem::outcome) !=
         report.items.end();
}

}  // namespace controller
