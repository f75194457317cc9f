#include "controller/archive/tar_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

#include "controller/archive/c_locale.h"
#include "controller/archive/posix_acl.h"

namespace controller {
namespace {

struct FreeArchive {
  void operator()(archive* writer) const { archive_write_free(writer); }
};

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

// libarchive skips over holes by itself but wants to be given their bytes: zeros that exist as
// address space only.
class Zeros {
 public:
  static constexpr std::size_t kSize = 1U << 30U;

  Zeros()
      : bytes_(
            ::mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (bytes_ == MAP_FAILED) {
      throw std::bad_alloc();
    }
  }
  Zeros(const Zeros&) = delete;
  Zeros& operator=(const Zeros&) = delete;
  ~Zeros() { ::munmap(bytes_, kSize); }

  [[nodiscard]] const void* bytes() const { return bytes_; }

 private:
  void* bytes_;
};

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool has_ascii_names(const TreeEntry& entry) {
  return is_ascii(entry.path) && is_ascii(entry.link_target) && is_ascii(entry.hard_link_to);
}

int acl_tag(AclTag tag) {
  switch (tag) {
    case AclTag::UserObject:
      return ARCHIVE_ENTRY_ACL_USER_OBJ;
    case AclTag::User:
      return ARCHIVE_ENTRY_ACL_USER;
    case AclTag::GroupObject:
      return ARCHIVE_ENTRY_ACL_GROUP_OBJ;
    case AclTag::Group:
      return ARCHIVE_ENTRY_ACL_GROUP;
    case AclTag::Mask:
      return ARCHIVE_ENTRY_ACL_MASK;
    case AclTag::Other:
      break;
  }
  return ARCHIVE_ENTRY_ACL_OTHER;
}

void add_acl(archive_entry* header, const Acl& acl, int type) {
  for (const auto& entry : acl) {
    const bool named = entry.tag == AclTag::User || entry.tag == AclTag::Group;
    archive_entry_acl_add_entry(header, type, static_cast<int>(entry.permissions),
                                acl_tag(entry.tag), named ? static_cast<int>(entry.id) : -1,
                                nullptr);
  }
}

// ACLs become SCHILY.acl records, which both GNU tar and bsdtar restore; the rest SCHILY.xattr.
void add_attributes(archive_entry* header, const ExtendedAttributes& attributes) {
  for (const auto& [name, value] : attributes) {
    const bool access = name == kAccessAcl;
    const auto acl = access || name == kDefaultAcl ? acl_from_attribute(value) : std::nullopt;
    if (acl) {
      add_acl(header, *acl,
              access ? ARCHIVE_ENTRY_ACL_TYPE_ACCESS : ARCHIVE_ENTRY_ACL_TYPE_DEFAULT);
    } else {
      archive_entry_xattr_add_entry(header, name.c_str(), value.data(), value.size());
    }
  }
}

void add_extents(archive_entry* header, const TreeEntry& entry) {
  if (entry.extents.empty()) {
    archive_entry_sparse_add_entry(header, 0, 0);  // one hole from end to end
  }
  for (const auto& extent : entry.extents) {
    archive_entry_sparse_add_entry(header, static_cast<la_int64_t>(extent.offset),
                                   static_cast<la_int64_t>(extent.length));
  }
}

std::string name_in_archive(const TreeEntry& entry) {
  return "./" + entry.path + (entry.is_directory() && !entry.path.empty() ? "/" : "");
}

// libarchive writes seconds and fraction one behind the other.  Before 1970 the seconds are rounded
// down, as the system has them, while in a PAX time the fraction goes away from zero.  "-0.5" it
// cannot write: the last second of 1969 loses its fraction.
void set_time(archive_entry* header, timespec time) {
  static constexpr long kSecond = 1'000'000'000;
  if (time.tv_sec < -1 && time.tv_nsec > 0) {
    time = {time.tv_sec + 1, kSecond - time.tv_nsec};
  } else if (time.tv_sec == -1) {
    time.tv_nsec = 0;
  }
  archive_entry_set_mtime(header, time.tv_sec, time.tv_nsec);
}

void describe(archive_entry* header, const TreeEntry& entry) {
  archive_entry_clear(header);
  archive_entry_copy_pathname(header, name_in_archive(entry).c_str());
  archive_entry_set_mode(header, entry.mode);
  archive_entry_set_uid(header, entry.uid);
  archive_entry_set_gid(header, entry.gid);
  set_time(header, entry.modified);
  if (!entry.hard_link_to.empty()) {
    archive_entry_copy_hardlink(header, ("./" + entry.hard_link_to).c_str());
    archive_entry_set_size(header, 0);
    return;
  }
  archive_entry_set_size(header, entry.is_regular() ? static_cast<la_int64_t>(entry.size) : 0);
  if (S_ISLNK(entry.mode)) {
    archive_entry_copy_symlink(header, entry.link_target.c_str());
  }
  if (S_ISCHR(entry.mode) || S_ISBLK(entry.mode)) {
    archive_entry_set_rdevmajor(header, major(entry.device));
    archive_entry_set_rdevminor(header, minor(entry.device));
  }
  add_attributes(header, entry.attributes);
  if (entry.sparse) {
    add_extents(header, entry);
  }
}

}  // namespace

struct TarWriter::State {
  explicit State(Output destination) : output(std::move(destination)) {
    if (!writer || !header) {
      throw std::bad_alloc();
    }
  }

  // Called by libarchive, which knows no exceptions, and which never frees what it holds after an
  // error of its output: it learns of none before it is closed.
  static la_ssize_t pass_on(archive*, void* self, const void* bytes, std::size_t size) {
    auto& state = *static_cast<State*>(self);
    if (state.abandoned) {
      return -1;
    }
    try {
      if (!state.thrown) {
        state.output({static_cast<const char*>(bytes), size});
      }
    } catch (...) {  // rethrown by check()
      state.thrown = std::current_exception();
    }
    return static_cast<la_ssize_t>(size);
  }

  void check(la_ssize_t result, const char* what) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    if (result < ARCHIVE_OK) {
      const char* const reason = archive_error_string(writer.get());
      throw std::runtime_error(std::string("cannot ") + what + ": " +
                               (reason != nullptr ? reason : "libarchive gave no reason"));
    }
  }

  Output output;
  std::exception_ptr thrown;
  bool abandoned = false;
  Zeros zeros;
  std::unique_ptr<archive, FreeArchive> writer{archive_write_new()};
  std::unique_ptr<archive_entry, FreeEntry> header{archive_entry_new()};
};

TarWriter::TarWriter(Output output) : state_(std::make_unique<State>(std::move(output))) {
  archive* const writer = state_->writer.get();
  state_->check(archive_write_set_format_pax(writer), "write a PAX tar");
  state_->check(archive_write_set_options(writer, "xattrheader=SCHILY"), "write a PAX tar");
  state_->check(archive_write_set_bytes_per_block(writer, 0), "write a PAX tar");
  state_->check(archive_write_open(writer, state_.get(), nullptr, &State::pass_on, nullptr),
                "begin the archive");
}

// Freeing an archive closes it, which writes what an unfinished entry still lacks and the end.
TarWriter::~TarWriter() {
  state_->abandoned = true;
}

void TarWriter::begin(const TreeEntry& entry) {
  const CLocale locale;
  describe(state_->header.get(), entry);
  const int result = archive_write_header(state_->writer.get(), state_->header.get());
  // A warning says that a name could not be translated, as is wanted.
  if (result != ARCHIVE_WARN || has_ascii_names(entry)) {
    state_->check(result, "write a tar header");
  }
}

void TarWriter::data(std::string_view bytes) {
  while (!bytes.empty()) {
    const la_ssize_t written = archive_write_data(state_->writer.get(), bytes.data(), bytes.size());
    state_->check(written, "write tar data");
    if (written == 0) {
      throw std::logic_error("more data than the tar header says");
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void TarWriter::hole(std::uint64_t length) {
  while (length > 0) {
    const auto piece = std::min<std::uint64_t>(length, Zeros::kSize);
    data({static_cast<const char*>(state_->zeros.bytes()), piece});
    length -= piece;
  }
}

void TarWriter::finish() {
  state_->check(archive_write_close(state_->writer.get()), "write the end of the archive");
}

}  // namespace controller
