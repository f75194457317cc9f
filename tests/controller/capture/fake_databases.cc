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

class FakeStaged : public StagedDatabase {
 public:
  explicit FakeStaged(DatabaseScript& script) : script_(script) {}

  [[nodiscard]] std::string staged_name() const override { return "app__new"; }
  [[nodiscard]] std::string previous_name() const override { return "app__old"; }
  std::vector<Finding> verify() override { return {}; }

  void commit() override {
    script_.note("commit app");
    script_.live_is_new = true;
    script_.has_previous = true;
    script_.staged = false;
  }
  void undo() override {
    if (script_.has_previous) {
      script_.live_is_new = false;
      script_.staged = true;
    }
    script_.has_previous = false;
  }
  void discard() override {
    script_.note("discard app");
    script_.staged = false;
    script_.has_previous = false;
  }

 private:
  DatabaseScript& script_;
};

class FakeSession : public DatabaseSession {
 public:
  explicit FakeSession(DatabaseScript& script) : script_(script) {}

  std::vector<Database> databases() override { return {{"app", 1000}}; }
  ServerRecord server(const DumpRequest&) override { return {"postgres", "db", "[]", {}}; }
  std::unique_ptr<DatabaseLease> freeze(const std::string& database) override {
    script_.note("freeze " + database);
    return std::make_unique<FakeLease>(script_, database);
  }
  std::vector<std::string> objections(const DatabaseRecord&, const ServerRecord&) override {
    return {};
  }
  std::unique_ptr<StagedDatabase> stage(const DatabaseRecord&, const ServerRecord&,
                                        const std::filesystem::path&, const std::string&) override {
    script_.note("stage app");
    script_.staged = true;
    return std::make_unique<FakeStaged>(script_);
  }
  std::vector<std::string> recover(const std::string&) override {
    if (script_.has_previous) {
      script_.live_is_new = false;
    }
    script_.has_previous = false;
    script_.staged = false;
    return {"recovered"};
  }
  std::vector<std::string> keep(const std::string&) override {
    script_.has_previous = false;
    return {"kept"};
  }
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

std::unique_ptr<DatabaseSession> FakeDatabases::connect(const DatabaseTarget& target) {
  script_.note("connect " + target.service);
  return std::make_unique<FakeSession>(script_);
}
