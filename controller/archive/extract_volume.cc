#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "controller/archive/archive_reader.h"
#include "controller/archive/attribute_writer.h"
#include "controller/archive/beneath.h"
#include "controller/archive/directory_stack.h"
#include "controller/archive/new_file.h"
#include "controller/archive/ordered_jobs.h"
#include "controller/archive/progress_clock.h"
#include "controller/archive/system_call.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

constexpr std::size_t kMostHeldBack = 64U << 20U;  // bytes of links; then they are made
constexpr std::uint64_t kSmall = 1U << 20U;        // bytes of a file made beside the reading

FileDescriptor open_target(const std::string& path) {
  FileDescriptor target(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  // What is made in it must not inherit a group or an access list from it.
  if (!target || ::fchmod(target.fd(), S_IRWXU) != 0) {
    throw_errno("open the directory", path);
  }
  if (::fremovexattr(target.fd(), kDefaultAcl) != 0 && errno != ENODATA && errno != EOPNOTSUPP) {
    throw_errno("remove the default access list of", path);
  }
  return target;
}

std::size_t memory_of(const TreeEntry& entry) {
  std::size_t bytes = sizeof(entry) + entry.path.size();
  for (const auto& [name, value] : entry.attributes) {
    bytes += name.size() + value.size();
  }
  return bytes;
}

// While one exists, modes given to what is made count as they are.
class NoUmask {
 public:
  NoUmask() : before_(::umask(0)) {}
  NoUmask(const NoUmask&) = delete;
  NoUmask& operator=(const NoUmask&) = delete;
  ~NoUmask() { ::umask(before_); }

 private:
  mode_t before_;
};

// Links come last, so that while files are written there is no link in the tree at all; that
// nothing is opened through one holds besides.  Only a hard link to a file that is there already is
// made at once.
//
// One thread reads the archive and goes through directories; small files are made beside it, those
// of a directory in order and before it gets its own times.
class VolumeExtractor {
 public:
  VolumeExtractor(const ExtractRequest& request, const ProgressClock::Report& report,
                  std::stop_token stop)
      : request_(request),
        clock_(report),
        stop_(std::move(stop)),
        reader_(request.artifact, request.threads),
        target_(open_target(request.target.string())),
        stack_(FileDescriptor(::fcntl(target_.fd(), F_DUPFD_CLOEXEC, 0)),
               [this](const OpenDirectory& left, TreeEntry entry) {
                 finish_directory(left, std::move(entry));
               }),
        jobs_(request.threads) {}

  ArchiveSummary run() {
    while (const TreeEntry* const entry = reader_.next()) {
      tick();
      if (++done_.entries > request_.entry_limit) {
        reader_.refuse("is more than the archive should hold");
      }
      add(*entry);
    }
    make_links();
    stack_.leave_all();
    jobs_.drain();
    ArchiveSummary summary;
    summary.artifact = reader_.finish();
    if (::syncfs(target_.fd()) != 0) {
      throw_errno("sync the file system of", request_.target.string());
    }
    summary.entries = done_.entries;
    summary.content_bytes = done_.bytes;
    summary.warnings = attributes_.warnings();
    clock_.end({done_.entries, done_.bytes, summary.artifact.stored_bytes});
    return summary;
  }

 private:
  struct Stretch {
    std::uint64_t offset;
    std::string bytes;
  };

  struct Place {
    const OpenDirectory& in;
    std::string name;

    [[nodiscard]] int directory() const { return in.fd(); }
  };

  void add(const TreeEntry& entry) {
    if (entry.path.empty()) {
      if (std::exchange(root_seen_, true)) {
        reader_.refuse("appears twice");
      }
      stack_.describe_root(entry);
    } else if (S_ISLNK(entry.mode) && entry.hard_link_to.empty()) {
      hold_back(entry);
    } else if (!entry.hard_link_to.empty()) {
      if (!link_to_file(entry)) {
        hold_back(entry);
      }
    } else if (entry.is_directory()) {
      make_directory(entry);
    } else if (entry.is_regular()) {
      make_file(entry);
    } else {
      make_node(entry);
    }
  }

  // Where the entry goes: its directory must have been an entry itself.
  Place place_of(const TreeEntry& entry) {
    const auto slash = entry.path.rfind('/');
    const bool top = slash == std::string::npos;
    const std::string parent = top ? "" : entry.path.substr(0, slash);
    if (!stack_.holds(parent)) {
      jobs_.drain();  // it may be entered again, and has to be finished then
    }
    const OpenDirectory* const directory = stack_.move_to(parent);
    if (directory == nullptr) {
      refuse(entry, "lies in no directory of the archive");
    }
    return {*directory, top ? entry.path : entry.path.substr(slash + 1)};
  }

  [[noreturn]] void refuse(const TreeEntry& entry, const std::string& why) const {
    refuse_entry(request_.artifact, entry, why);
  }

  [[noreturn]] void fail(const TreeEntry& entry, const std::string& what) const {
    fail_entry(request_.artifact, entry, what);
  }

  void finish_directory(const OpenDirectory& left, TreeEntry entry) {
    jobs_.add(left.inode, 0,
              [this, left, entry = std::move(entry)] { attributes_.apply(left.fd(), entry); });
  }

  void make_directory(const TreeEntry& entry) {
    const Place place = place_of(entry);
    if (::mkdirat(place.directory(), place.name.c_str(), S_IRWXU) != 0) {
      fail(entry, "make the directory");
    }
    FileDescriptor made =
        open_beneath(place.directory(), place.name.c_str(), O_RDONLY | O_DIRECTORY);
    if (!made) {
      fail(entry, "open the directory");
    }
    if (stack_.entered_again()) {
      forget_inherited(made.fd());
    }
    stack_.enter(std::move(made), place.name, entry);
  }

  void make_file(const TreeEntry& entry) {
    const Place place = place_of(entry);
    if (stack_.entered_again()) {
      make_file_now(place, entry, NewFile::Inheritance::AccessLists);
    } else if (entry.size > kSmall) {
      make_file_now(place, entry, NewFile::Inheritance::Nothing);
    } else {
      make_file_beside(place, entry);
    }
  }

  void make_file_now(const Place& place, const TreeEntry& entry, NewFile::Inheritance inheritance) {
    NewFile file(place.directory(), place.name, entry, request_.artifact, inheritance);
    while (const auto data = next_data()) {
      file.write(data->bytes, data->offset);
    }
    file.finish(attributes_);
  }

  void make_file_beside(const Place& place, const TreeEntry& entry) {
    std::vector<Stretch> content;
    std::size_t bytes = memory_of(entry);
    while (const auto data = next_data()) {
      content.push_back({data->offset, std::string(data->bytes)});
      bytes += data->bytes.size();
    }
    jobs_.add(place.in.inode, bytes,
              [this, directory = place.in, name = place.name, entry, content = std::move(content)] {
                NewFile file(directory.fd(), name, entry, request_.artifact,
                             NewFile::Inheritance::Nothing);
                for (const auto& stretch : content) {
                  file.write(stretch.bytes, stretch.offset);
                }
                file.finish(attributes_);
              });
  }

  std::optional<VolumeArchiveReader::Data> next_data() {
    tick();
    const auto data = reader_.data();
    if (data) {
      if (data->bytes.size() > request_.content_limit - done_.bytes) {
        reader_.refuse("holds more than the archive should");
      }
      done_.bytes += data->bytes.size();
    }
    return data;
  }

  void make_node(const TreeEntry& entry) {
    const Place place = place_of(entry);
    const mode_t type = entry.mode & static_cast<mode_t>(S_IFMT);
    if (::mknodat(place.directory(), place.name.c_str(), type | S_IRUSR, entry.device) != 0) {
      if (errno != EPERM) {
        fail(entry, "make the device or fifo");
      }
      attributes_.miss("device node", entry.path);
      return;
    }
    const FileDescriptor handle = open_beneath(place.directory(), place.name.c_str(), O_PATH);
    if (!handle) {
      fail(entry, "open");
    }
    attributes_.apply_by_handle(handle.fd(), entry);
  }

  // False if what it links to is not there (yet) or is a symbolic link.
  bool link_to_file(const TreeEntry& entry) {
    jobs_.drain();
    const FileDescriptor from = directory_of(entry.hard_link_to);
    const std::string name = entry.hard_link_to.substr(entry.hard_link_to.rfind('/') + 1);
    struct stat status {};
    if (!from || ::fstatat(from.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        S_ISLNK(status.st_mode)) {
      return false;
    }
    link(from.fd(), name, entry);
    return true;
  }

  void link(int from, const std::string& name, const TreeEntry& entry) {
    const Place place = place_of(entry);
    if (::linkat(from, name.c_str(), place.directory(), place.name.c_str(), 0) != 0) {
      fail(entry, "link to " + entry.hard_link_to + " from");
    }
  }

  // The directory that holds `path`, reached step by step from the target.
  [[nodiscard]] FileDescriptor directory_of(const std::string& path) const {
    FileDescriptor directory(::fcntl(target_.fd(), F_DUPFD_CLOEXEC, 0));
    std::size_t start = 0;
    for (auto slash = path.find('/'); directory && slash != std::string::npos;
         slash = path.find('/', start)) {
      directory = open_beneath(directory.fd(), path.substr(start, slash - start).c_str(),
                               O_PATH | O_DIRECTORY);
      start = slash + 1;
    }
    return directory;
  }

  void hold_back(const TreeEntry& entry) {
    held_bytes_ +=
        sizeof(entry) + entry.path.size() + entry.link_target.size() + entry.hard_link_to.size();
    held_back_.push_back(entry);
    if (held_bytes_ > kMostHeldBack) {
      make_symbolic_links();
    }
  }

  void make_links() {
    make_symbolic_links();
    for (const auto& entry : held_back_) {
      const FileDescriptor from = directory_of(entry.hard_link_to);
      const std::string name = entry.hard_link_to.substr(entry.hard_link_to.rfind('/') + 1);
      struct stat status {};
      if (!from || ::fstatat(from.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
          S_ISDIR(status.st_mode)) {
        refuse(entry, "is a hard link to what is no file of the archive");
      }
      link(from.fd(), name, entry);
    }
    held_back_.clear();
  }

  // Leaves the hard links held back, in order.
  void make_symbolic_links() {
    jobs_.drain();
    std::vector<TreeEntry> others;
    for (auto& entry : held_back_) {
      tick();
      if (!entry.hard_link_to.empty()) {
        others.push_back(std::move(entry));
        continue;
      }
      const Place place = place_of(entry);
      if (::symlinkat(entry.link_target.c_str(), place.directory(), place.name.c_str()) != 0) {
        fail(entry, "make the symbolic link");
      }
      attributes_.apply_to_link(place.directory(), place.name, entry);
    }
    held_back_ = std::move(others);
    held_bytes_ = 0;
  }

  void tick() {
    if (stop_.stop_requested()) {
      throw Interrupted("extracting " + request_.artifact.string() + " was given up");
    }
    clock_.tick(done_);
  }

  const ExtractRequest& request_;
  NoUmask no_umask_;
  ProgressClock clock_;
  std::stop_token stop_;
  VolumeArchiveReader reader_;
  FileDescriptor target_;
  AttributeWriter attributes_;
  DirectoryStack stack_;
  std::vector<TreeEntry> held_back_;
  std::size_t held_bytes_ = 0;
  bool root_seen_ = false;
  ArchiveProgress done_;
  OrderedJobs jobs_;  // last, since they use the others
};

}  // namespace

ArchiveSummary extract_volume(const ExtractRequest& request,
                              const std::function<void(const ArchiveProgress&)>& progress,
                              std::stop_token stop) {
  return VolumeExtractor(request, progress, std::move(stop)).run();
}

}  // namespace controller
