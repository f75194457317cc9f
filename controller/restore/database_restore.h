// All databases of a restore: staged beside the live ones, swapped in, and swapped back if need be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/capture/setting.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// An agent beside the running server of a planned database.  Throws DatabaseError.
std::unique_ptr<DatabaseSession> connect_to_server(Setting& setting,
                                                   const PlannedDatabaseRestore& planned);

class DatabaseRestore {
 public:
  /// Connects to every server.  Throws DatabaseRefusal with everything that stands against the
  /// restore; nothing was touched then.
  DatabaseRestore(Setting& setting, const RestorePlan& plan);
  DatabaseRestore(const DatabaseRestore&) = delete;
  DatabaseRestore& operator=(const DatabaseRestore&) = delete;

  /// Drops what is staged and was not swapped in.
  ~DatabaseRestore();

  /// What it changes or loses although nothing stands against it.
  [[nodiscard]] const std::vector<std::string>& cautions() const { return cautions_; }

  /// Restores each into a new database and checks it row for row and hash for hash, or finds what
  /// an earlier job kept.  Throws DatabaseError; then what was staged is dropped again.
  void stage(const std::filesystem::path& snapshot, const std::string& job);

  /// Swaps them in, one after the other.  Write the intents to the journal before.
  void commit();

  /// After commit(): whether the `index`-th database of the plan replaced one, which is kept.
  [[nodiscard]] bool has_previous(std::size_t index) const;

  /// Swaps back what commit() has done so far, newest first, and drops what was staged.
  void undo();

  /// After commit(): it stands.  Tells what the operator has to know from here on.  Returns the
  /// sizes of what is kept, in the plan's order.
  std::vector<std::uint64_t> keep(const std::string& job);

  /// Drops what is not live.
  void discard();

 private:
  struct Staged {
    std::string component;
    std::unique_ptr<StagedDatabase> database;
  };

  Setting& setting_;
  const RestorePlan& plan_;
  std::map<std::string, std::unique_ptr<DatabaseSession>> sessions_;  // by service
  std::vector<std::string> cautions_;
  std::vector<Staged> staged_;  // in the plan's order
  std::size_t committed_ = 0;
};

}  // namespace controller
