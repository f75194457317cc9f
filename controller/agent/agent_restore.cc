#include "controller/agent/agent_restore.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include "controller/agent/agent_loop.h"
#include "controller/agent/free_space.h"
#include "controller/agent/tree_exchange.h"
#include "controller/agent/tree_replacement.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

constexpr std::chrono::seconds kHeartbeat{10};

unsigned threads() {
  return std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
}

ArchiveSummary recorded(const RestoreTree& tree) {
  return {tree.entries, tree.content_bytes, tree.digest, {}};
}

bool holds_something(const std::filesystem::path& live) {
  const auto status = std::filesystem::symlink_status(live);
  return std::filesystem::exists(status) && !std::filesystem::is_empty(live);
}

class RestoreWork : public AgentWork {
 public:
  RestoreWork(RestoreJob job, AgentChannel& channel) : job_(std::move(job)), channel_(channel) {}

  void execute(const Command& command, const std::stop_token& stop) override {
    tree_.clear();
    for (const auto& id : command.trees) {
      RestoreTree& tree = tree_of(id);
      channel_.send(ProgressMessage{id, {}});
      execute(command.name, tree, stop);
    }
    tree_.clear();
  }

  [[nodiscard]] std::string tree() const override { return tree_; }

  void abandon() override {
    for (const auto& tree : job_.trees) {
      if (made_.contains(tree.id) && !swapped_.contains(tree.id)) {
        remove_staging_place(tree);
      }
    }
  }

 private:
  void execute(const std::string& command, RestoreTree& tree, const std::stop_token& stop) {
    const bool exchange = tree.method == SwapMethod::Exchange;
    if (command == "measure") {
      measure(tree);
    } else if (command == "stage") {
      exchange ? stage(tree, stop) : verify(tree);
    } else if (command == "adopt") {
      exchange ? adopt(tree) : adopt_archive(tree);
    } else if (command == "swap") {
      exchange ? swap(tree) : replace(tree);
    } else if (command == "unswap") {
      exchange ? swap_back(tree) : put_back(tree);
    } else if (command == "weigh") {
      weigh(tree);
    } else if (command == "discard") {
      discard(tree);
    } else {
      throw std::invalid_argument("a restore agent knows no command " + command);
    }
  }

  RestoreTree& tree_of(const std::string& id) {
    tree_ = id;
    const auto found = std::find_if(job_.trees.begin(), job_.trees.end(),
                                    [&id](const RestoreTree& tree) { return tree.id == id; });
    if (found == job_.trees.end()) {
      throw std::invalid_argument("the job has no tree " + id);
    }
    return *found;
  }

  [[nodiscard]] ProgressReport progress_of(const RestoreTree& tree) {
    return [this, &tree](const ArchiveProgress& progress) {
      channel_.send(ProgressMessage{tree.id, progress});
    };
  }

  void report(const RestoreTree& tree, const ArchiveSummary& summary) {
    for (const auto& warning : summary.warnings) {
      channel_.send(WarningMessage{tree.id, warning});
    }
    channel_.send(TreeMessage{tree.id, summary});
  }

  void measure(const RestoreTree& tree) {
    const std::filesystem::path place = tree.method == SwapMethod::Exchange
                                            ? std::filesystem::path(tree.staging).parent_path()
                                            : std::filesystem::path(tree.live);
    FreeSpaceMessage message = free_space(tree.id, place);
    message.occupied = holds_something(tree.live);
    message.swapped = tree.method == SwapMethod::Exchange ? is_exchanged(tree, job_.job)
                                                          : kept_record(tree.previous).has_value();
    channel_.send(message);
  }

  void stage(const RestoreTree& tree, const std::stop_token& stop) {
    make_staging_place(tree);
    made_.insert(tree.id);
    try {
      const ArchiveSummary summary =
          extract_volume({tree.artifact, tree.staging, tree.content_bytes, tree.entries, threads()},
                         progress_of(tree), stop);
      expect_recorded(tree.artifact, recorded(tree), summary);
      report(tree, summary);
    } catch (...) {
      discard(tree);
      throw;
    }
    note_staged(tree, job_.job);
    ready_.insert(tree.id);
  }

  void verify(const RestoreTree& tree) {
    const ArchiveSummary summary = read_archive(tree.artifact, threads(), progress_of(tree));
    expect_recorded(tree.artifact, recorded(tree), summary);
    report(tree, summary);
    ready_.insert(tree.id);
  }

  void adopt(const RestoreTree& tree) {
    note_staged(tree, job_.job);
    ready_.insert(tree.id);
    channel_.send(TreeMessage{tree.id, {}});
  }

  void adopt_archive(RestoreTree& tree) {
    const auto record = kept_record(tree.artifact);
    if (!record) {
      throw IntegrityError(tree.artifact + " is gone or not whole");
    }
    tree.digest = record->artifact;
    tree.entries = record->entries;
    tree.content_bytes = record->content_bytes;
    verify(tree);
  }

  void expect_ready(const RestoreTree& tree) const {
    if (!ready_.contains(tree.id)) {
      throw std::logic_error(tree.id + " has not been staged");
    }
  }

  void swap(const RestoreTree& tree) {
    expect_ready(tree);
    swapped_.insert(tree.id);  // before, not after: it may fail when it has happened
    exchange(tree);
  }

  void replace(const RestoreTree& tree) {
    expect_ready(tree);
    keep_previous(tree, progress_of(tree));
    report(tree, replace_with(tree, tree.artifact, recorded(tree), progress_of(tree)));
  }

  // Perhaps of an agent before this one, which may have died on either side of the swap.
  void swap_back(const RestoreTree& tree) {
    if (is_exchanged(tree, job_.job)) {
      exchange(tree);
    }
    swapped_.erase(tree.id);
  }

  // Without a record nothing had been replaced yet.
  void put_back(const RestoreTree& tree) {
    if (const auto kept = kept_record(tree.previous)) {
      replace_with(tree, tree.previous, *kept, progress_of(tree));
    }
  }

  void weigh(const RestoreTree& tree) {
    if (tree.method == SwapMethod::Exchange) {
      channel_.send(MeasureMessage{tree.id, measure_tree(tree.staging, {})});
    } else {
      channel_.send(MeasureMessage{tree.id, {1, std::filesystem::file_size(tree.previous), false}});
    }
  }

  void discard(const RestoreTree& tree) {
    made_.erase(tree.id);
    ready_.erase(tree.id);
    if (tree.method == SwapMethod::Exchange) {
      remove_staging_place(tree);
    } else if (!tree.previous.empty()) {
      remove_previous(tree);
    }
  }

  RestoreJob job_;
  AgentChannel& channel_;
  std::string tree_;
  std::set<std::string> ready_;    // ids that may be swapped
  std::set<std::string> made_;     // ids whose staging place is ours
  std::set<std::string> swapped_;  // ids whose staging place may hold what was live
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
