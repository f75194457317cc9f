#include "controller/remote/file_upload.h"

#include <fcntl.h>

#include <algorithm>
#include <future>

#include "controller/archive/artifact.h"
#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr std::uint64_t kReadBack = 1U << 20U;  // objects up to this are, to see what they are

std::shared_ptr<const OpenFile> opened(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    throw_errno("open", path);
  }
  return std::make_shared<const OpenFile>(OpenFile{std::move(file), path});
}

void check_digest(const FileToPut& file, Sha256& read) {
  if (read.hex() != file.sha256) {
    throw IntegrityError(
        file.path.string() +
        " is not what it was when it was written, so it was not copied; `cofferdam "
        "verify` says more");
  }
}

std::string content_of(const ObjectBody& body) {
  std::string text(static_cast<std::size_t>(body.bytes.size), '\0');
  for (std::size_t done = 0; done < text.size();) {
    done += body.bytes.read(done, text.data() + done, text.size() - done);
  }
  return text;
}

}  // namespace

std::uint64_t part_size(std::uint64_t bytes, std::uint64_t least) {
  constexpr std::uint64_t kMostParts = 10'000;
  constexpr std::uint64_t kRound = 1U << 20U;
  const auto wanted = std::clamp(bytes / 16, least, 4 * least);
  const auto needed = std::max(wanted, (bytes + kMostParts - 1) / kMostParts);
  return needed == least ? least : (needed + kRound - 1) / kRound * kRound;
}

void abort_if_allowed(ObjectStore& objects, const Upload& upload) {
  try {
    objects.abort_upload(upload);
  } catch (const DestinationUnreachable&) {
    throw;
  } catch (const RemoteError&) {
    return;
  }
}

void abort_uploads_below(ObjectStore& objects, const std::string& folder) {
  std::vector<Upload> unknown;
  try {
    unknown = objects.uploads(folder);
  } catch (const DestinationUnreachable&) {
    throw;
  } catch (const RemoteError&) {
    return;
  }
  for (const auto& upload : unknown) {
    abort_if_allowed(objects, upload);
  }
}

FileUpload::FileUpload(ObjectStore& objects, const CopyNotes& notes, CopyNote& note,
                       std::uint64_t part_bytes)
    : objects_(objects), notes_(notes), note_(note), part_bytes_(part_bytes) {}

BodyDigests FileUpload::digests() const {
  return objects_.signs_bodies() ? BodyDigests::Md5AndSha256 : BodyDigests::Md5;
}

void FileUpload::remember(std::optional<UploadNote> under_way) {
  note_.under_way = std::move(under_way);
  notes_.write(note_);
}

void FileUpload::abandon() {
  if (note_.under_way) {
    abort_if_allowed(objects_, note_.under_way->upload);
    remember(std::nullopt);
  }
}

/// Storage whose ETags were once seen to be digests has stored other bytes if one is not.
std::string FileUpload::checked(const std::function<std::string()>& send, const ObjectBody& body,
                                const std::string& what) {
  constexpr int kAttempts = 3;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    auto etag = send();
    etags_are_md5_ = etags_are_md5_ || etag == body.md5;
    if (!etags_are_md5_ || etag == body.md5) {
      return etag;
    }
  }
  throw IntegrityError("the destination names another digest for " + what +
                       " than that of what was sent, " + std::to_string(kAttempts) + " times");
}

void FileUpload::confirm(const FileToPut& file) {
  const auto facts = objects_.facts(file.key);
  if (!facts || facts->bytes != file.bytes) {
    throw IntegrityError("the destination has " +
                         (facts ? std::to_string(facts->bytes) + " bytes" : "nothing") + " as " +
                         file.key + ", and " + std::to_string(file.bytes) + " were written");
  }
}

bool FileUpload::keeps(const std::string& key, const ObjectBody& body) {
  return body.bytes.size == 0 || objects_.read_small(key) == content_of(body);
}

bool FileUpload::is_there(const FileToPut& file) {
  const auto facts = objects_.facts(file.key);
  if (!facts || facts->bytes != file.bytes) {
    return false;
  }
  if (file.bytes > part_bytes_) {
    return true;  // of parts that were compared; there is none before they are complete
  }
  Sha256 whole;
  const auto body = file_body(opened(file.path), {0, file.bytes}, digests(), whole);
  return facts->etag == body.md5 || (file.bytes <= kReadBack && keeps(file.key, body));
}

void FileUpload::put_whole(const FileToPut& file, const std::shared_ptr<const OpenFile>& open) {
  Sha256 whole;
  const auto body = file_body(open, {0, file.bytes}, digests(), whole);
  check_digest(file, whole);
  checked([&] { return objects_.put(file.key, body); }, body, file.key);
  const bool told = etags_are_md5_ || file.bytes > kReadBack;
  if (!told && !keeps(file.key, body)) {
    throw IntegrityError("the destination did not keep what was written to " + file.key);
  }
}

UploadNote FileUpload::resumed_or_begun(const FileToPut& file, std::map<int, ObjectFacts>& there) {
  if (note_.under_way && note_.under_way->upload.key == file.key &&
      note_.under_way->part_bytes > 0) {
    try {
      there = objects_.parts(note_.under_way->upload);
      return *note_.under_way;
    } catch (const NotThere&) {
      note_.under_way.reset();  // aborted by somebody, or by a rule of the bucket
    }
  }
  abandon();
  remember(
      UploadNote{{file.key, objects_.begin_upload(file.key)}, part_size(file.bytes, part_bytes_)});
  return *note_.under_way;
}

void FileUpload::put_in_parts(const FileToPut& file, const std::shared_ptr<const OpenFile>& open,
                              const Progress& progress) {
  std::map<int, ObjectFacts> there;
  const auto under_way = resumed_or_begun(file, there);
  Sha256 whole;
  const auto part_at = [&](std::uint64_t offset) {
    return file_body(open, {offset, std::min(under_way.part_bytes, file.bytes - offset)}, digests(),
                     whole);
  };
  std::vector<std::string> etags;
  auto next = std::async(std::launch::async, part_at, 0);
  for (std::uint64_t offset = 0; offset < file.bytes;) {
    const auto body = next.get();
    offset += body.bytes.size;
    if (offset < file.bytes) {
      next = std::async(std::launch::async, part_at, offset);
    }
    const int number = static_cast<int>(etags.size()) + 1;
    const auto known = there.find(number);
    const bool stored = known != there.end() && known->second.etag == body.md5 &&
                        known->second.bytes == body.bytes.size;
    const auto send = [&] { return objects_.put_part(under_way.upload, number, body); };
    etags.push_back(
        stored ? body.md5
               : checked(send, body, "part " + std::to_string(number) + " of " + file.key));
    progress(offset);
  }
  try {
    check_digest(file, whole);
  } catch (const IntegrityError&) {
    abandon();
    throw;
  }
  complete(file, under_way.upload, etags);
  remember(std::nullopt);
}

void FileUpload::complete(const FileToPut& file, const Upload& upload,
                          const std::vector<std::string>& etags) {
  try {
    objects_.complete_upload(upload, etags);
  } catch (const NotThere&) {
    // The answer to a request that was carried out may have been lost.
    const auto facts = objects_.facts(file.key);
    if (!facts || facts->bytes != file.bytes) {
      remember(std::nullopt);
      throw;
    }
  }
}

void FileUpload::put(const FileToPut& file, const Progress& progress) {
  const auto open = opened(file.path);
  if (file.bytes > part_bytes_) {
    put_in_parts(file, open, progress);
  } else {
    put_whole(file, open);
  }
  confirm(file);
  progress(file.bytes);
}

}  // namespace controller
