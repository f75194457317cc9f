#include "controller/agent/agent_restore.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include "controller/agent/agent_loop.h"
#include "controller/agent/free_space.h"
#include "controller/agent/sync_directory.h"
#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"
#include "controller/archive/tree_removal.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

constexpr std::chrono::seconds kHeartbeat{10};

unsigned threads() {
  return std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
}

// Beside the staging place, for whoever comes after us: the inode of what was staged in it.  An
// exchange swaps the directories' names and not their inodes, so this tells on which side of the
// swap a crash was.
std::filesystem::path marker_of(const RestoreTree& tree) {
  return tree.staging + ".inode";
}

std::string inode_of(const std::string& directory) {
  struct stat seen {};
  if (::lstat(directory.c_str(), &seen) != 0) {
    throw_errno("look at", directory);
  }
  return std::to_string(seen.st_ino);
}

// On the disk before any swap.
void write_marker(const RestoreTree& tree) {
  const auto path = marker_of(tree);
  const std::string inode = inode_of(tree.staging);
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file || ::write(file.fd(), inode.data(), inode.size()) != std::ssize(inode) ||
      ::fsync(file.fd()) != 0) {
    throw_errno("write", path.string());
  }
  sync_directory(path.parent_path());
}

// True if what was staged is the live tree.
bool is_swapped(const RestoreTree& tree) {
  std::ifstream file(marker_of(tree));
  std::string staged;
  return file >> staged && staged == inode_of(tree.live);
}

// The archive is the one the manifest means, to the byte and to the entry.
void expect_recorded(const RestoreTree& tree, const ArchiveSummary& summary) {
  if (summary.artifact != tree.digest) {
    throw IntegrityError(tree.artifact + " is not the file that the manifest describes");
  }
  if (summary.entries != tree.entries || summary.content_bytes != tree.content_bytes) {
    throw IntegrityError(tree.artifact + " does not hold what the manifest says");
  }
}

ExtractRequest request_for(const RestoreTree& tree, const std::string& target) {
  return {tree.artifact, target, tree.content_bytes, tree.entries, threads()};
}

class RestoreWork : public AgentWork {
 public:
  RestoreWork(RestoreJob job, AgentChannel& channel) : job_(std::move(job)), channel_(channel) {}

  void execute(const Command& command, const std::stop_token& stop) override {
    tree_.clear();
    for (const auto& id : command.trees) {
      const RestoreTree& tree = tree_of(id);
      channel_.send(ProgressMessage{id, {}});
      execute(command.name, tree, stop);
    }
    tree_.clear();
  }

  [[nodiscard]] std::string tree() const override { return tree_; }

  void abandon() override {
    for (const auto& tree : job_.trees) {
      if (staged_.contains(tree.id)) {
        std::filesystem::remove(marker_of(tree));
        remove_tree(tree.staging);
      }
    }
  }

 private:
  void execute(const std::string& command, const RestoreTree& tree, const std::stop_token& stop) {
    const bool exchange = tree.method == SwapMethod::Exchange;
    if (command == "measure") {
      const std::filesystem::path place = exchange ? tree.staging : tree.live;
      channel_.send(free_space(tree.id, exchange ? place.parent_path() : place));
    } else if (command == "stage") {
      exchange ? stage(tree, stop) : verify(tree);
    } else if (command == "swap") {
      exchange ? swap(tree) : replace(tree);
    } else if (command == "unswap") {
      swap_back(tree);
    } else if (command == "discard") {
      discard(tree);
    } else {
      throw std::invalid_argument("a restore agent knows no command " + command);
    }
  }

  const RestoreTree& tree_of(const std::string& id) {
    tree_ = id;
    const auto found = std::find_if(job_.trees.begin(), job_.trees.end(),
                                    [&id](const RestoreTree& tree) { return tree.id == id; });
    if (found == job_.trees.end()) {
      throw std::invalid_argument("the job has no tree " + id);
    }
    return *found;
  }

  void stage(const RestoreTree& tree, const std::stop_token& stop) {
    if (::mkdir(tree.staging.c_str(), S_IRWXU) != 0) {
      throw_errno("make the directory", tree.staging);
    }
    staged_.insert(tree.id);
    try {
      extract(tree, tree.staging, stop);
    } catch (...) {
      discard(tree);
      throw;
    }
    write_marker(tree);
  }

  void extract(const RestoreTree& tree, const std::string& target, const std::stop_token& stop) {
    const ArchiveSummary summary = extract_volume(
        request_for(tree, target),
        [this, &tree](const ArchiveProgress& progress) {
          channel_.send(ProgressMessage{tree.id, progress});
        },
        stop);
    expect_recorded(tree, summary);
    report(tree, summary);
  }

  void verify(const RestoreTree& tree) {
    const ArchiveSummary summary = read_archive(tree.artifact, threads());
    expect_recorded(tree, summary);
    report(tree, summary);
  }

  void report(const RestoreTree& tree, const ArchiveSummary& summary) {
    for (const auto& warning : summary.warnings) {
      channel_.send(WarningMessage{tree.id, warning});
    }
    channel_.send(TreeMessage{tree.id, summary});
  }

  void replace(const RestoreTree& tree) {
    if (std::filesystem::is_regular_file(std::filesystem::symlink_status(tree.live))) {
      const ArchiveSummary summary = extract_file(request_for(tree, tree.live));
      expect_recorded(tree, summary);
      report(tree, summary);
      return;
    }
    empty_directory(tree.live);
    extract(tree, tree.live, {});
  }

  void swap(const RestoreTree& tree) {
    if (!staged_.contains(tree.id)) {
      throw std::logic_error(tree.id + " has not been staged");
    }
    exchange(tree);
    staged_.erase(tree.id);
  }

  // Perhaps of an agent before this one, which may have died on either side of the swap.
  void swap_back(const RestoreTree& tree) {
    if (tree.method == SwapMethod::InPlace) {
      throw std::invalid_argument(tree.id + " was replaced in place, which cannot be taken back");
    }
    if (is_swapped(tree)) {
      exchange(tree);
    }
    staged_.insert(tree.id);
  }

  static void exchange(const RestoreTree& tree) {
    if (::renameat2(AT_FDCWD, tree.live.c_str(), AT_FDCWD, tree.staging.c_str(), RENAME_EXCHANGE) !=
        0) {
      throw_errno("exchange with " + tree.staging + " the directory", tree.live);
    }
    sync_directory(std::filesystem::path(tree.live).parent_path());
  }

  void discard(const RestoreTree& tree) {
    if (tree.method == SwapMethod::Exchange) {
      staged_.erase(tree.id);
      remove_tree(tree.staging);
      std::filesystem::remove(marker_of(tree));
    }
  }

  RestoreJob job_;
  AgentChannel& channel_;
  std::string tree_;
  std::set<std::string> staged_;  // ids whose staging place holds what is not live
};

}  // namespace

int run_restore_agent(int in_fd, int out_fd) {
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
  RestoreWork work(std::move(job), channel);
  return work_through(channel, work);
}

}  // namespace controller
