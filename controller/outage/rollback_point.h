// What a restore replaced, kept so that it can be undone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace controller {

/// One thing that was kept, or that was made and so is to go.
struct KeptItem {
  enum class Kind {
    Volume,       // `subject`: volume name; `detail`: the directory that holds its live data
    Archive,      // `subject`: volume name or path of a bind mount; `detail`: its Compose key
    Database,     // `subject`: service; `detail`: database name
    NewVolume,    // `subject`: volume name; there was none before
    NewDatabase,  // `subject`: service; `detail`: database name; there was none before
  };

  Kind kind = Kind::Volume;
  std::string subject;
  std::string detail;
  // The job that named the place it is kept in: see swap_place(), kept_archive(), and the driver.
  std::string place;
  std::uint64_t bytes = 0;  // what it takes; 0: nothing, or not weighed yet

  friend bool operator==(const KeptItem&, const KeptItem&) = default;
};

/// The state before a job, complete.
struct RollbackPoint {
  std::string job;   // that made it; its name for people, too
  std::string kind;  // "restore", "undo"
  std::string project;
  std::string snapshot;  // what replaced it: a snapshot's name
  std::string created_at;
  std::string expires_at;
  bool dropping = false;  // somebody began to remove it: it cannot be gone back to any more
  std::vector<KeptItem> items;

  friend bool operator==(const RollbackPoint&, const RollbackPoint&) = default;
};

std::uint64_t kept_bytes(const RollbackPoint& point);

}  // namespace controller
