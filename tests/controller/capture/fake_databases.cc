#include "tests/controller/capture/fake_databases.h"

#include <condition_variable>
#include <mutex>

#include "controller/archive/artifact.h"
#include "dockerapi/error.h"

using namespace controller;

namespace {

class FakeLease : public DatabaseLease {
 public:
  FakeLease(DatabaseScript& script, const std::string& name) : script_(script) {
    record_.engine = "postgres";
    record_.name = name;
    record_.format = "custom";
  }

  [[nodiscard]] const DatabaseRecord& inventory() const override { return record_; }

  DatabaseRecord dump(const DumpRequest& request,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress,
                      std::stop_token) override {
    script_.note("dump " + record_.name);
    const std::string path = request.folder + "/" + record_.name + ".dump.zst";
    std::filesystem::create_directories((request.directory / path).parent_path());
    ArtifactSink sink(request.directory / path, request.compression, 1);
    sink.write("rows");
    const auto digest = sink.close();
    progress(digest.raw_bytes, digest.stored_bytes);
    record_.artifact = {path, digest.stored_bytes, digest.raw_bytes, digest.sha256};
    return record_;
  }

  std::vector<LockWaiter> waiters() override { return {}; }
  void release() override { script_.note("release " + record_.name); }

 private:
  DatabaseScript& script_;
  DatabaseRecord record_;
};

std::string kept_name(const std::string& job) {
  return "app__old_" + job;
}

/// Restored by `job`, or kept by an earlier one: then `staged` is where.
class FakeStaged : public StagedDatabase {
 public:
  FakeStaged(DatabaseScript& script, std::string staged, std::string job)
      : script_(script), staged_(std::move(staged)), job_(std::move(job)) {}

  [[nodiscard]] std::string staged_name() const override { return staged_; }
  [[nodiscard]] std::string previous_name() const override { return kept_name(job_); }
  [[nodiscard]] bool has_previous() const override { return true; }
  std::vector<Finding> verify() override { return {}; }

  void commit() override {
    script_.note("commit app");
    script_.content[kept_name(job_)] = script_.content.at("app");
    script_.content["app"] = script_.content.at(staged_);
    script_.content.erase(staged_);
    script_.origins[job_] = staged_;
    committed_ = true;
  }
  void undo() override {
    script_.swap_back(job_);
    committed_ = false;
  }
  void discard() override {
    script_.note("discard app");
    if (committed_) {
      script_.content.erase(kept_name(job_));
    } else if (staged_ == "app__new_" + job_) {
      script_.content.erase(staged_);
    }
  }

 private:
  DatabaseScript& script_;
  std::string staged_;
  std::string job_;
  bool committed_ = false;
};

class FakeSession : public DatabaseSession {
 public:
  explicit FakeSession(DatabaseScript& script) : script_(script) {}

  std::vector<Database> databases() override { return {{"app", 1000}}; }
  ServerRecord server(const DumpRequest&) override { return {"postgres", "db", "[]", {}}; }
  std::unique_ptr<DatabaseLease> freeze(const std::string& database,
                                        const std::stop_token&) override {
    script_.note("freeze " + database);
    return std::make_unique<FakeLease>(script_, database);
  }
  std::vector<std::string> objections(const DatabaseRecord&, const ServerRecord&) override {
    return script_.objections;
  }
  std::vector<std::string> cautions(const DatabaseRecord&) override { return script_.cautions; }
  RestoredTable restore_table(const DatabaseRecord& record, const std::filesystem::path&,
                              const std::string& table, const std::stop_token&) override {
    script_.note("restore " + table + " of " + record.name);
    return {"public", "items", 3, 5};
  }
  std::unique_ptr<StagedDatabase> stage(const DatabaseRecord&, const ServerRecord&,
                                        const std::filesystem::path&,
                                        const std::string& job) override {
    script_.note("stage app");
    script_.content["app__new_" + job] = "new";
    return std::make_unique<FakeStaged>(script_, "app__new_" + job, job);
  }
  std::unique_ptr<StagedDatabase> adopt(const std::string&, const std::string& keeper,
                                        const std::string& job) override {
    script_.note("adopt app");
    if (!script_.content.contains(kept_name(keeper))) {
      throw DatabaseError("it is gone");
    }
    return std::make_unique<FakeStaged>(script_, kept_name(keeper), job);
  }
  std::uint64_t kept_bytes(const std::string&, const std::string& keeper) override {
    return script_.content.contains(kept_name(keeper)) ? 1000 : 0;
  }
  void drop_kept(const std::string&, const std::string& keeper) override {
    script_.note("drop app");
    script_.content.erase(kept_name(keeper));
  }
  bool swapped(const std::string& job) override { return script_.origins.contains(job); }
  std::vector<std::string> recover(const std::string& job) override {
    script_.swap_back(job);
    script_.content.erase("app__new_" + job);
    return {"recovered"};
  }
  void keep(const std::string& job) override { script_.origins.erase(job); }
  void run_sql(const std::string& database, const std::string& sql,
               const std::function<void(std::string_view)>& output, std::stop_token stop) override {
    script_.note("sql in " + database + ": " + sql);
    if (script_.sql_waits_for_stop) {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any().wait(lock, stop, [] { return false; });
      throw dockerapi::Cancelled("cancelled");
    }
    output("ran " + sql + "\n");
  }

 private:
  DatabaseScript& script_;
};

}  // namespace

void DatabaseScript::swap_back(const std::string& job) {
  const auto origin = origins.find(job);
  if (origin == origins.end()) {
    return;
  }
  content[origin->second] = content.at("app");
  content["app"] = content.at(kept_name(job));
  content.erase(kept_name(job));
  origins.erase(origin);
}

std::unique_ptr<DatabaseSession> FakeDatabases::connect(const DatabaseTarget& target) {
  script_.note("connect " + target.service);
  return std::make_unique<FakeSession>(script_);
}
