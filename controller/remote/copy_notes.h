// Copies that are owed to a destination, noted on disk so that what died goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/remote/copy_ledger.h"
#include "controller/remote/destination.h"
#include "controller/remote/object_store.h"

namespace controller {

/// One upload in parts that was begun.
struct UploadNote {
  Upload upload;
  std::uint64_t part_bytes = 0;

  friend bool operator==(const UploadNote&, const UploadNote&) = default;
};

struct CopyNote {
  std::string snapshot;
  std::string owed_since;  // RFC 3339
  std::optional<UploadNote> under_way;

  friend bool operator==(const CopyNote&, const CopyNote&) = default;
};

/// One file for each snapshot, <store>/.cofferdam/copies/DESTINATION/SNAPSHOT.json.  What a call
/// wrote is on the disk when it returns.  Throws std::system_error or NoSpace.
class CopyNotes {
 public:
  CopyNotes(const std::filesystem::path& store, const Destination& destination);

  /// Where they are; it exists.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// Those owed longest first.  An upload to another bucket or endpoint than now is left out: it
  /// cannot be reached any more.
  [[nodiscard]] std::vector<CopyNote> all() const;
  [[nodiscard]] std::optional<CopyNote> find(const std::string& snapshot) const;

  void write(const CopyNote& note) const;

  /// One that is not there is good too.
  void remove(const std::string& snapshot) const;

  /// Of the copies that are there.
  [[nodiscard]] CopyLedger made() const;

 private:
  std::filesystem::path folder_;
  std::string where_;  // endpoint and bucket
};

/// What CopyNotes has of it, without a folder made for that.
std::vector<CopyNote> owed_copies(const std::filesystem::path& store,
                                  const Destination& destination);

}  // namespace controller
