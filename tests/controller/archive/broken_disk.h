// A disk that breaks: from some call on, all calls of one kind fail with EIO.
//
// The test executable is linked with --wrap for each of them, so the code under test is what is
// shipped.
#pragma once

namespace controller {

enum class DiskUse { Read, Write, SetOwner, SetTimes, Sync };

/// Broken for as long as it exists.  One at a time.
class BrokenDisk {
 public:
  /// The calls before the `first`, counted from 1 and from now on, succeed.
  BrokenDisk(DiskUse use, int first);
  BrokenDisk(const BrokenDisk&) = delete;
  BrokenDisk& operator=(const BrokenDisk&) = delete;
  ~BrokenDisk();

  /// Whether a call has failed.
  [[nodiscard]] bool noticed() const;

 private:
  int first_;
};

}  // namespace controller
