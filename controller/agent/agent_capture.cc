#include "controller/agent/agent_capture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>

#include "controller/agent/agent_loop.h"
#include "controller/agent/free_space.h"
#include "controller/agent/sync_directory.h"
#include "controller/archive/system_call.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

constexpr std::chrono::seconds kHeartbeat{10};

class CaptureWork : public AgentWork {
 public:
  CaptureWork(CaptureJob job, AgentChannel& channel) : job_(std::move(job)), channel_(channel) {}

  void execute(const Command& command, const std::stop_token& stop) override {
    tree_.clear();
    if (command.name == "measure") {
      measure(command);
    } else if (command.name == "capture") {
      for (const auto& id : command.trees) {
        capture(tree_of(id), stop);
      }
    } else if (command.name == "files") {
      copy_files();
    } else {
      throw std::invalid_argument("a capture agent knows no command " + command.name);
    }
    tree_.clear();
  }

  [[nodiscard]] std::string tree() const override { return tree_; }

  void abandon() override {
    for (const auto& path : written_) {
      ::unlink(path.c_str());
    }
  }

 private:
  const CaptureTree& tree_of(const std::string& id) {
    tree_ = id;
    const auto found = std::find_if(job_.trees.begin(), job_.trees.end(),
                                    [&id](const CaptureTree& tree) { return tree.id == id; });
    if (found == job_.trees.end()) {
      throw std::invalid_argument("the job has no tree " + id);
    }
    return *found;
  }

  void measure(const Command& command) {
    for (const auto& id : command.trees) {
      const CaptureTree& tree = tree_of(id);
      channel_.send(ProgressMessage{id, {}});
      channel_.send(MeasureMessage{id, measure_tree(tree.root, tree.exclude)});
    }
    tree_.clear();
    channel_.send(free_space("", job_.store));
  }

  void capture(const CaptureTree& tree, const std::stop_token& stop) {
    ArchiveRequest request;
    request.root = tree.root;
    request.artifact = tree.artifact;
    request.compression = job_.compression;
    request.exclude = tree.exclude;
    request.liveness = tree.liveness;
    request.threads = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
    std::filesystem::create_directories(request.artifact.parent_path());
    channel_.send(ProgressMessage{tree.id, {}});
    const ArchiveSummary summary = archive_volume(
        request,
        [this, &tree](const ArchiveProgress& progress) {
          channel_.send(ProgressMessage{tree.id, progress});
        },
        stop);
    written_.push_back(tree.artifact);
    sync_directory(request.artifact.parent_path());
    for (const auto& warning : summary.warnings) {
      channel_.send(WarningMessage{tree.id, warning});
    }
    channel_.send(TreeMessage{tree.id, summary});
  }

  void copy_files() {
    for (const auto& file : job_.files) {
      channel_.send(copy(file));
    }
  }

  FileMessage copy(const CaptureFile& file) {
    const FileDescriptor source(
        ::open(file.source.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!source && (errno == ENOENT || errno == ENOTDIR)) {
      return {file, false, {}};
    }
    struct stat status {};
    if (!source || ::fstat(source.fd(), &status) != 0) {
      throw_errno("open", file.source);
    }
    if (!S_ISREG(status.st_mode)) {
      throw std::runtime_error(file.source + " is not a file");
    }
    const std::filesystem::path path = file.artifact;
    std::filesystem::create_directories(path.parent_path());
    ArtifactSink sink(path, {Compression::Method::None, 0}, 1);
    std::array<char, 65536> bytes{};
    for (;;) {
      const ssize_t size = ::read(source.fd(), bytes.data(), bytes.size());
      if (size < 0) {
        throw_errno("read", file.source);
      }
      if (size == 0) {
        break;
      }
      sink.write({bytes.data(), static_cast<std::size_t>(size)});
    }
    const ArtifactDigest digest = sink.close();
    written_.push_back(file.artifact);
    sync_directory(path.parent_path());
    return {file, true, digest};
  }

  CaptureJob job_;
  AgentChannel& channel_;
  std::string tree_;
  std::vector<std::string> written_;  // whole files of this job
};

}  // namespace

int run_capture_agent(int in_fd, int out_fd) {
  AgentChannel channel(in_fd, out_fd, kHeartbeat);
  const auto line = channel.next();
  if (!line) {
    return 1;
  }
  CaptureJob job;
  try {
    job = capture_job_from(line->text);
  } catch (const std::invalid_argument& error) {
    return refuse_job(channel, error.what());
  }
  CaptureWork work(std::move(job), channel);
  return work_through(channel, work);
}

}  // namespace controller
