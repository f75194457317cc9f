// A snapshot as a download: one stream of bytes whose length is known before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/snapshot/manifest.h"

namespace controller {

/// The files may vanish or change while it is sent; whoever reads then gets no whole stream.
class SnapshotStream {
 public:
  /// False: nobody reads any more.
  using Output = std::function<bool(std::string_view)>;

  /// All files of the snapshot in `directory` as a PAX tar, below a folder of the snapshot's name,
  /// manifest.json last.  Throws FormatError if the snapshot is corrupt, std::system_error.
  static SnapshotStream of_all(const std::filesystem::path& directory);

  /// One of its files, manifest.json too.  Throws std::out_of_range if the manifest knows none of
  /// that path, and as of_all().
  static SnapshotStream of_file(const std::filesystem::path& directory, const std::string& path);

  [[nodiscard]] std::uint64_t bytes() const;

  /// SHA-256, lower-case hex: of the file, or of what makes all of them what they are.
  [[nodiscard]] const std::string& digest() const { return digest_; }

  /// Sends `length` bytes from `offset` on, which must be there.  The last bytes of a file come
  /// only once all of it, also what was not asked for, is what the manifest says: whoever goes on
  /// with a download that broke off must not get a damaged file after all.  Returns false if
  /// `output` does.  Throws IntegrityError for a file that is not what the manifest says,
  /// std::system_error.
  [[nodiscard]] bool send(std::uint64_t offset, std::uint64_t length, const Output& output) const;

 private:
  struct Part {
    std::string text;  // of a part that is no file
    Artifact file;     // its path is empty if this is a text
    [[nodiscard]] std::uint64_t bytes() const {
      return file.path.empty() ? text.size() : file.bytes;
    }
  };

  [[nodiscard]] bool send_file(const Artifact& file, std::uint64_t offset, std::uint64_t length,
                               const Output& output) const;

  std::filesystem::path directory_;
  std::vector<Part> parts_;
  std::string digest_;
};

}  // namespace controller
