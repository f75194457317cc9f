#include "controller/agent/agent_drill.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <thread>
#include <utility>

#include "controller/agent/agent_loop.h"
#include "controller/agent/free_space.h"
#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

constexpr std::chrono::seconds kHeartbeat{10};

unsigned threads() {
  return std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
}

FileDescriptor new_file(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR));
  if (!file) {
    throw_errno("create", path);
  }
  return file;
}

void expect_recorded(const RestoreTree& tree, const ArchiveSummary& found) {
  if (found.artifact != tree.digest) {
    throw IntegrityError(tree.artifact + " is not the file that the manifest describes");
  }
  if (found.entries != tree.entries || found.content_bytes != tree.content_bytes) {
    throw IntegrityError(tree.artifact + " does not hold what the manifest says");
  }
}

void copy_bytes(const FileDescriptor& source, const FileDescriptor& target,
                const RestoreTree& tree) {
  std::array<char, 65536> bytes{};
  std::uint64_t offset = 0;
  while (true) {
    const ssize_t size = ::read(source.fd(), bytes.data(), bytes.size());
    if (size < 0) {
      throw_errno("read", tree.artifact);
    }
    if (size == 0) {
      return;
    }
    const auto read = static_cast<std::size_t>(size);
    write_at(target.fd(), {bytes.data(), read}, offset, tree.live);
    offset += read;
  }
}

void copy_file(const RestoreTree& tree) {
  const FileDescriptor source(
      ::open(tree.artifact.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!source || ::fstat(source.fd(), &status) != 0) {
    throw_errno("open", tree.artifact);
  }
  if (!S_ISREG(status.st_mode)) {
    throw std::runtime_error(tree.artifact + " is not a file");
  }
  const auto target = new_file(tree.live);
  copy_bytes(source, target, tree);
  // The mode last: a change of owner takes set-user-id away.
  if (::fchown(target.fd(), status.st_uid, status.st_gid) != 0 ||
      ::fchmod(target.fd(), status.st_mode & 07777U) != 0) {
    throw_errno("set owner and mode of", tree.live);
  }
}

class DrillWork : public AgentWork {
 public:
  DrillWork(RestoreJob job, AgentChannel& channel) : job_(std::move(job)), channel_(channel) {}

  void execute(const Command& command, const std::stop_token& stop) override {
    for (const auto& id : command.trees) {
      const RestoreTree& tree = tree_of(id);
      channel_.send(ProgressMessage{id, {}});
      execute(command.name, tree, stop);
    }
    tree_.clear();
  }

  [[nodiscard]] std::string tree() const override { return tree_; }

  void abandon() override {}

 private:
  void execute(const std::string& command, const RestoreTree& tree, const std::stop_token& stop) {
    if (command == "measure") {
      channel_.send(free_space(tree.id, tree.live));
    } else if (command == "place") {
      close(tree, extract_volume(
                      request_of(tree),
                      [&](const auto& step) {
                        channel_.send(ProgressMessage{tree.id, step});
                      },
                      stop));
    } else if (command == "place-file") {
      new_file(tree.live);
      close(tree, extract_file(request_of(tree)));
    } else if (command == "copy-file") {
      copy_file(tree);
    } else if (command == "weigh") {
      channel_.send(MeasureMessage{tree.id, measure_tree(tree.live, {})});
    } else {
      throw std::invalid_argument("a drill agent knows no command " + command);
    }
  }

  static ExtractRequest request_of(const RestoreTree& tree) {
    return {tree.artifact, tree.live, tree.content_bytes, tree.entries, threads()};
  }

  /// The closing record, once the artifact has turned out to be what was recorded.
  void close(const RestoreTree& tree, const ArchiveSummary& summary) {
    expect_recorded(tree, summary);
    for (const auto& warning : summary.warnings) {
      channel_.send(WarningMessage{tree.id, warning});
    }
    channel_.send(TreeMessage{tree.id, summary});
  }

  const RestoreTree& tree_of(const std::string& id) {
    tree_ = id;
    const auto found = std::ranges::find(job_.trees, id, &RestoreTree::id);
    if (found == job_.trees.end()) {
      throw std::invalid_argument("the job has no tree " + id);
    }
    return *found;
  }

  RestoreJob job_;
  AgentChannel& channel_;
  std::string tree_;
};

}  // namespace

int run_drill_agent(int in_fd, int out_fd) {
  AgentChannel channel(in_fd, out_fd, kHeartbeat);
  const auto line = channel.next();
  if (!line) {
    return 1;
  }
  RestoreJob job;
  try {
    job = restore_job_from(line->text);
  } catch (const std::invalid_argument& error) {
    return refuse_job(channel, error.what());
  }
  DrillWork work(std::move(job), channel);
  return work_through(channel, work);
}

}  // namespace controller
