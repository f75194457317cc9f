// One file of a snapshot, put as an object: whole, or in parts that a crash does not lose.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/remote/copy_notes.h"
#include "controller/remote/object_body.h"
#include "controller/remote/object_store.h"

namespace controller {

/// A file as it was when it was written.
struct FileToPut {
  std::filesystem::path path;
  std::string key;
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// Of one part of a file of that size: a sixteenth, from `least` to four times that, and more only
/// where there would be more than 10,000, which are refused everywhere.  Each costs the storage
/// time of its own, and one is lost with a connection.
std::uint64_t part_size(std::uint64_t bytes, std::uint64_t least);

/// Aborts it unless the key may not, or the destination cannot: then it is left to a rule of the
/// bucket, and must not stand in the way of a copy.  Throws DestinationUnreachable.
void abort_if_allowed(ObjectStore& objects, const Upload& upload);

/// Aborts those of a snapshot's folder that nobody knows: the answer to their beginning was lost.
/// Not every key may look for them, nor every storage.  Throws DestinationUnreachable.
void abort_uploads_below(ObjectStore& objects, const std::string& folder);

/// Puts the files of one snapshot.  Files above `part_bytes` go in parts, one after the other, with
/// the next one's digests computed meanwhile; the upload is noted before its first part, and one
/// that is noted is gone on with.
class FileUpload {
 public:
  /// Told the bytes of the present file that are there.
  using Progress = std::function<void(std::uint64_t bytes)>;

  /// All must outlive it.  `note` is written whenever an upload begins or ends.
  FileUpload(ObjectStore& objects, const CopyNotes& notes, CopyNote& note,
             std::uint64_t part_bytes);

  /// True if the object has the file's size and, of what goes whole, its MD5 as ETag, or else, up
  /// to 1 MiB, its very bytes: a put may have been killed before it looked at what was kept. Throws
  /// RemoteError and its kinds.
  bool is_there(const FileToPut& file);

  /// The object has the file's bytes and size when this returns.  Throws IntegrityError if the file
  /// is not what it was, or the destination keeps other bytes than were sent; RemoteError and its
  /// kinds.
  void put(const FileToPut& file, const Progress& progress);

  /// Ends what is under way for good.
  void abandon();

 private:
  [[nodiscard]] BodyDigests digests() const;
  void put_whole(const FileToPut& file, const std::shared_ptr<const OpenFile>& open);
  void put_in_parts(const FileToPut& file, const std::shared_ptr<const OpenFile>& open,
                    const Progress& progress);
  UploadNote resumed_or_begun(const FileToPut& file, std::map<int, ObjectFacts>& there);
  void complete(const FileToPut& file, const Upload& upload, const std::vector<std::string>& etags);
  std::string checked(const std::function<std::string()>& send, const ObjectBody& body,
                      const std::string& what);
  void confirm(const FileToPut& file);
  bool keeps(const std::string& key, const ObjectBody& body);
  void remember(std::optional<UploadNote> under_way);

  ObjectStore& objects_;
  const CopyNotes& notes_;
  CopyNote& note_;
  std::uint64_t part_bytes_;
  bool etags_are_md5_ = false;  // as has been seen
};

}  // namespace controller
