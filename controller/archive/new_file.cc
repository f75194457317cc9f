#include "controller/archive/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "controller/archive/artifact.h"
#include "controller/archive/beneath.h"
#include "controller/archive/posix_acl.h"
#include "controller/archive/system_call.h"

namespace controller {

void refuse_entry(const std::filesystem::path& archive, const TreeEntry& entry,
                  const std::string& why) {
  throw IntegrityError(archive.string() + ": its entry " + entry.path + " " + why);
}

void fail_entry(const std::filesystem::path& archive, const TreeEntry& entry,
                const std::string& what) {
  if (errno == EEXIST) {
    refuse_entry(archive, entry, "appears twice");
  }
  throw_errno(what, entry.path);
}

void forget_inherited(int fd) {
  ::fremovexattr(fd, kAccessAcl);
  ::fremovexattr(fd, kDefaultAcl);
}

NewFile::NewFile(int directory, const std::string& name, const TreeEntry& entry,
                 const std::filesystem::path& archive, Inheritance inheritance)
    : entry_(entry),
      inheritance_(inheritance),
      file_(open_beneath(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL,
                         entry.mode & (S_IRWXU | S_IRWXG | S_IRWXO))) {
  if (!file_) {
    fail_entry(archive, entry, "create");
  }
  if (inheritance_ == Inheritance::AccessLists) {
    forget_inherited(file_.fd());
  }
}

void NewFile::write(std::string_view bytes, std::uint64_t offset) {
  write_at(file_.fd(), bytes, offset, entry_.path);
  end_ = offset + bytes.size();
}

void NewFile::finish(AttributeWriter& attributes) {
  if (end_ < entry_.size && ::ftruncate(file_.fd(), static_cast<off_t>(entry_.size)) != 0) {
    throw_errno("set the size of", entry_.path);
  }
  if (inheritance_ == Inheritance::AccessLists) {
    attributes.apply(file_.fd(), entry_);
  } else {
    attributes.apply_to_new(file_.fd(), entry_);
  }
}

}  // namespace controller
