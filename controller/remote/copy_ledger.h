// Which copies at a destination this store made: those are its own to remove.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace controller {

/// One copy, by what its keys start with.
struct MadeCopy {
  std::string folder;              // "PREFIX NAME/ID/"
  std::vector<std::string> going;  // keys that are being removed; empty: it stays

  friend bool operator==(const MadeCopy&, const MadeCopy&) = default;
};

/// One file for each, NAME.ID.json.  What a call wrote is on the disk when it returns.  Throws
/// std::system_error or NoSpace.
class CopyLedger {
 public:
  /// `where` is the bucket, as a URL: copies in another one are not spoken of.
  CopyLedger(std::filesystem::path folder, std::string where);

  [[nodiscard]] std::vector<MadeCopy> all() const;

  /// In place of what was known of the same copy.
  void write(const MadeCopy& copy) const;

  /// One that is not there is good too.
  void strike(const MadeCopy& copy) const;

 private:
  std::filesystem::path folder_;
  std::string where_;
};

}  // namespace controller
