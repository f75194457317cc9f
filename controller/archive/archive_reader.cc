#include "controller/archive/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/sysmacros.h>

#include <exception>
#include <limits>
#include <new>
#include <utility>

#include "controller/archive/c_locale.h"
#include "controller/archive/entry_name.h"
#include "controller/archive/posix_acl.h"

namespace controller {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kEndMarker = 2 * kBlock;

struct FreeArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

AclTag acl_tag(int tag) {
  switch (tag) {
    case ARCHIVE_ENTRY_ACL_USER:
      return AclTag::User;
    case ARCHIVE_ENTRY_ACL_USER_OBJ:
      return AclTag::UserObject;
    case ARCHIVE_ENTRY_ACL_GROUP:
      return AclTag::Group;
    case ARCHIVE_ENTRY_ACL_GROUP_OBJ:
      return AclTag::GroupObject;
    case ARCHIVE_ENTRY_ACL_MASK:
      return AclTag::Mask;
    default:
      return AclTag::Other;
  }
}

Acl acl_of(archive_entry* header, int type) {
  Acl acl;
  int found_type = 0;
  int permissions = 0;
  int tag = 0;
  int id = 0;
  const char* name = nullptr;
  archive_entry_acl_reset(header, type);
  while (archive_entry_acl_next(header, type, &found_type, &permissions, &tag, &id, &name) ==
         ARCHIVE_OK) {
    acl.push_back(
        {acl_tag(tag), static_cast<unsigned>(permissions) & 07U, static_cast<std::uint32_t>(id)});
  }
  return acl;
}

// In a tar with an ACL the mode's group bits are those of the owning group; a file's are the mask.
void apply_mask(TreeEntry& entry, const Acl& acl) {
  for (const auto& item : acl) {
    if (item.tag == AclTag::Mask) {
      entry.mode = (entry.mode & ~static_cast<mode_t>(S_IRWXG)) | item.permissions << 3U;
    }
  }
}

void read_acls(archive_entry* header, TreeEntry& entry) {
  if (const Acl acl = acl_of(header, ARCHIVE_ENTRY_ACL_TYPE_ACCESS); !acl.empty()) {
    entry.attributes.emplace_back(kAccessAcl, attribute_from_acl(acl));
    apply_mask(entry, acl);
  }
  if (const Acl acl = acl_of(header, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT); !acl.empty()) {
    entry.attributes.emplace_back(kDefaultAcl, attribute_from_acl(acl));
  }
}

std::size_t read_attributes(archive_entry* header, TreeEntry& entry) {
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  std::size_t total = 0;
  archive_entry_xattr_reset(header);
  while (archive_entry_xattr_next(header, &name, &value, &size) == ARCHIVE_OK) {
    total += size;
    if (total > kMostAttributeBytes) {
      break;
    }
    entry.attributes.emplace_back(name, std::string(static_cast<const char*>(value), size));
  }
  read_acls(header, entry);
  return total;
}

bool is_known_type(mode_t mode) {
  return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISCHR(mode) || S_ISBLK(mode) ||
         S_ISFIFO(mode);
}

bool is_id(la_int64_t id) {
  return id >= 0 && id < std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

struct VolumeArchiveReader::State {
  State(const std::filesystem::path& file, unsigned threads)
      : path(file.string()), source(file, threads) {
    if (!reader) {
      throw std::bad_alloc();
    }
  }

  // Called by libarchive, which knows no exceptions.
  static la_ssize_t read_on(archive*, void* self, const void** bytes) {
    auto& state = *static_cast<State*>(self);
    try {
      const std::string_view piece = state.take();
      *bytes = piece.data();
      return static_cast<la_ssize_t>(piece.size());
    } catch (...) {  // rethrown by check()
      state.thrown = std::current_exception();
      return -1;
    }
  }

  // Keeps track of where the last byte was that is not zero.
  std::string_view take() {
    const std::string_view piece = source.read();
    const auto last = piece.find_last_not_of('\0');
    if (last != std::string_view::npos) {
      zeros_from = taken + last + 1;
    }
    taken += piece.size();
    return piece;
  }

  void check(int result) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    if (result != ARCHIVE_OK) {
      const char* const reason = archive_error_string(reader.get());
      throw IntegrityError(path + " is damaged" + behind() + ": " +
                           (reason != nullptr ? reason : "libarchive gave no reason"));
    }
  }

  [[nodiscard]] std::string behind() const {
    return name.empty() ? "" : " in or behind its entry " + quoted_entry(name);
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw IntegrityError(path + ": its entry " + quoted_entry(name) + " " + why);
  }

  void take_header(archive_entry* header) {
    const char* const text = archive_entry_pathname(header);
    name = text != nullptr ? text : "";
    entry = TreeEntry();
    entry.mode = archive_entry_mode(header);
    const char* const linked = archive_entry_hardlink(header);
    if (linked == nullptr && !is_known_type(entry.mode)) {
      refuse("is of a type that no archive of ours has");
    }
    take_names(header, linked);
    if (!is_id(archive_entry_uid(header)) || !is_id(archive_entry_gid(header))) {
      refuse("has an impossible owner");
    }
    entry.uid = static_cast<uid_t>(archive_entry_uid(header));
    entry.gid = static_cast<gid_t>(archive_entry_gid(header));
    take_time(header);
    take_size(header);
    entry.device = makedev(static_cast<unsigned>(archive_entry_rdevmajor(header)),
                           static_cast<unsigned>(archive_entry_rdevminor(header)));
    if (read_attributes(header, entry) > kMostAttributeBytes) {
      refuse("has too many extended attributes");
    }
  }

  void take_names(archive_entry* header, const char* linked) {
    const bool directory = linked == nullptr && S_ISDIR(entry.mode);
    auto clean = path_from_name(name, directory);
    if (!clean) {
      refuse("has a name that an archive of ours cannot have");
    }
    entry.path = std::move(*clean);
    if (linked != nullptr) {
      const auto target = path_from_name(linked, false);
      if (!target) {
        refuse("is a hard link to " + quoted_entry(linked));
      }
      entry.hard_link_to = *target;
    } else if (S_ISLNK(entry.mode)) {
      const char* const target = archive_entry_symlink(header);
      entry.link_target = target != nullptr ? target : "";
      if (entry.link_target.empty()) {
        refuse("is a symbolic link to nothing");
      }
    }
  }

  // libarchive reads a PAX time as it writes one: see tar_writer.cc.
  void take_time(archive_entry* header) {
    static constexpr long kSecond = 1'000'000'000;
    entry.modified = {archive_entry_mtime(header), archive_entry_mtime_nsec(header)};
    if (entry.modified.tv_nsec < 0 || entry.modified.tv_nsec >= kSecond) {
      refuse("has an impossible time");
    }
    if (entry.modified.tv_sec < 0 && entry.modified.tv_nsec > 0) {
      entry.modified = {entry.modified.tv_sec - 1, kSecond - entry.modified.tv_nsec};
    }
  }

  void take_size(archive_entry* header) {
    const la_int64_t size = archive_entry_size(header);
    if (size < 0) {
      refuse("has an impossible size");
    }
    if (size > 0 && (!entry.hard_link_to.empty() || !entry.is_regular())) {
      refuse("has data although it is no file");
    }
    entry.size = static_cast<std::uint64_t>(size);
    entry.sparse = archive_entry_sparse_count(header) > 0;
  }

  // libarchive takes the first block of zeros, and even the end of the file, for the end.
  void check_end() {
    const auto end = static_cast<std::uint64_t>(archive_read_header_position(reader.get()));
    while (!take().empty()) {
    }
    if (zeros_from > end) {
      throw IntegrityError(path + " is damaged: an end marker in the middle" + behind());
    }
    if (taken < end + kEndMarker) {
      throw IntegrityError(path + " is cut: it has no end marker" + behind());
    }
  }

  std::string path;
  std::string name;  // of the entry, as it stands in the archive
  TreeEntry entry;
  std::uint64_t data_end = 0;
  std::exception_ptr thrown;
  std::uint64_t taken = 0;       // bytes of the stream
  std::uint64_t zeros_from = 0;  // all bytes from here on were zero so far
  ArtifactSource source;
  std::unique_ptr<archive, FreeArchive> reader{archive_read_new()};
};

VolumeArchiveReader::VolumeArchiveReader(const std::filesystem::path& path, unsigned threads)
    : state_(std::make_unique<State>(path, threads)) {
  archive* const reader = state_->reader.get();
  state_->check(archive_read_support_format_tar(reader));
}

VolumeArchiveReader::~VolumeArchiveReader() = default;

const TreeEntry* VolumeArchiveReader::next() {
  const CLocale locale;
  archive* const reader = state_->reader.get();
  if (state_->taken == 0) {
    state_->check(archive_read_open(reader, state_.get(), nullptr, &State::read_on, nullptr));
  }
  archive_entry* header = nullptr;
  const int result = archive_read_next_header(reader, &header);
  if (result == ARCHIVE_EOF && !state_->thrown) {
    state_->check_end();
    return nullptr;
  }
  state_->check(result);
  state_->data_end = 0;
  state_->take_header(header);
  return &state_->entry;
}

std::optional<VolumeArchiveReader::Data> VolumeArchiveReader::data() {
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int result = archive_read_data_block(state_->reader.get(), &bytes, &size, &offset);
  if (result == ARCHIVE_EOF && !state_->thrown) {
    return std::nullopt;
  }
  state_->check(result);
  const auto start = static_cast<std::uint64_t>(offset);
  if (offset < 0 || start < state_->data_end || start > state_->entry.size ||
      size > state_->entry.size - start) {
    refuse("has data outside of its size");
  }
  state_->data_end = start + size;
  return Data{start, {static_cast<const char*>(bytes), size}};
}

ArtifactDigest VolumeArchiveReader::finish() {
  return state_->source.finish();
}

void VolumeArchiveReader::refuse(const std::string& why) const {
  state_->refuse(why);
}

}  // namespace controller
