#include "controller/database/postgres_kept.h"

#include <utility>
#include <vector>

#include "controller/database/postgres_swap.h"
#include "controller/database/timescale.h"

namespace controller {

namespace {

class PostgresKept : public StagedDatabase {
 public:
  PostgresKept(std::shared_ptr<PostgresServer> server, SwapNames names)
      : server_(std::move(server)), names_(std::move(names)) {}

  [[nodiscard]] std::string staged_name() const override { return names_.staged; }
  [[nodiscard]] std::string previous_name() const override { return names_.previous; }
  [[nodiscard]] bool has_previous() const override { return had_live_; }

  std::vector<Finding> verify() override { return {}; }

  void commit() override {
    had_live_ = database_exists(*server_, names_.live);
    swap_in(*server_, names_);
    committed_ = true;
    start_workers();
  }

  void undo() override {
    committed_ = false;
    if (names_.keeper.empty()) {
      recover_swaps(*server_, names_.job);
      return;
    }
    swap_out(*server_, names_);
    start_workers();
  }

  void discard() override {
    if (committed_) {
      drop_database(*server_, names_.previous);
    }
  }

  [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }

 private:
  void start_workers() {
    if (database_exists(*server_, names_.live)) {
      const auto problems = start_timescale_workers(*server_, names_.live);
      warnings_.insert(warnings_.end(), problems.begin(), problems.end());
    }
  }

  std::shared_ptr<PostgresServer> server_;
  SwapNames names_;
  std::vector<std::string> warnings_;
  bool had_live_ = false;
  bool committed_ = false;
};

}  // namespace

std::unique_ptr<StagedDatabase> adopt_kept(std::shared_ptr<PostgresServer> server,
                                           const std::string& database, const std::string& keeper,
                                           const std::string& job) {
  auto names = kept_names(database, keeper, job);
  if (keeper.empty()) {
    names.staged.clear();
  } else if (!database_exists(*server, names.staged)) {
    throw DatabaseError("database " + names.staged + ", what " + database +
                        " was before, is not there any more");
  }
  return std::make_unique<PostgresKept>(std::move(server), std::move(names));
}

}  // namespace controller
