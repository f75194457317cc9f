#include "tests/controller/capture/scripted_agents.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "controller/agent/protocol.h"
#include "controller/archive/volume_archive.h"

using namespace controller;

namespace {

class CaptureAgent {
 public:
  CaptureAgent(fakes::Process& process, std::filesystem::path store, bool sees_clusters)
      : process_(process), store_(std::move(store)), sees_clusters_(sees_clusters) {}

  int run() {
    job_ = capture_job_from(process_.read_line().value());
    say(ReadyMessage{});
    while (const auto line = process_.read_line()) {
      const Command command = command_from(*line);
      obey(command);
      say(DoneMessage{command.name});
      if (command.name == "finish") {
        return 0;
      }
    }
    for (const auto& path : written_) {
      std::filesystem::remove(path);
    }
    return 1;
  }

 private:
  void obey(const Command& command) {
    if (command.name == "measure") {
      for (const auto& tree : job_.trees) {
        say(MeasureMessage{tree.id, {1, 100, sees_clusters_}});
      }
      say(FreeSpaceMessage{"", std::uint64_t{1} << 40, 1000});
    } else if (command.name == "capture") {
      for (const auto& id : command.trees) {
        capture(id);
      }
    }
  }

  void capture(const std::string& id) {
    for (const auto& tree : job_.trees) {
      if (tree.id != id) {
        continue;
      }
      const auto source = store_.parent_path() / "source";
      std::filesystem::create_directories(source);
      std::ofstream(source / "file") << id;
      ArchiveRequest request;
      request.root = source;
      request.artifact = real_path(tree.artifact);
      written_.push_back(request.artifact);
      TreeMessage message;
      message.tree = id;
      message.summary = archive_volume(request, {}, {});
      say(message);
    }
  }

  [[nodiscard]] std::filesystem::path real_path(const std::string& artifact) const {
    return store_ / artifact.substr(job_.store.size() + 1);
  }

  void say(const Message& message) { process_.write_stdout(to_line(message) + "\n"); }

  fakes::Process& process_;
  std::filesystem::path store_;
  bool sees_clusters_;
  CaptureJob job_;
  std::vector<std::filesystem::path> written_;
};

class RestoreAgent {
 public:
  RestoreAgent(fakes::Process& process, std::filesystem::path store, RestoredTrees& world)
      : process_(process), store_(std::move(store)), world_(world) {}

  int run() {
    job_ = restore_job_from(process_.read_line().value());
    say(ReadyMessage{});
    while (const auto line = process_.read_line()) {
      const Command command = command_from(*line);
      const bool deadly = world_.kills(command.name);
      for (const auto& tree : job_.trees) {
        if (std::ranges::find(command.trees, tree.id) != command.trees.end()) {
          if (command.name == "stage" && !has_artifact(tree)) {
            say(FailedMessage{"stage", tree.id, FailedMessage::Kind::Failed, "no such archive"});
            return 1;
          }
          if (!deadly || world_.obeys_first) {
            obey(command.name, tree);
          }
        }
      }
      if (deadly) {
        return 137;
      }
      say(DoneMessage{command.name});
      if (command.name == "finish") {
        return 0;
      }
    }
    // The controller is gone: what was staged and is not live goes too.
    const std::scoped_lock lock(world_.mutex);
    for (const auto& staging : made_) {
      if (!world_.exchanged.contains(mark(staging))) {
        world_.staged.erase(staging);
      }
    }
    return 1;
  }

 private:
  // The parents are mounted under other names by every agent; the last two parts are what counts.
  static std::string place(const std::string& path) {
    return std::filesystem::path(path).filename().string();
  }

  [[nodiscard]] bool has_artifact(const RestoreTree& tree) const {
    constexpr std::string_view kStore = "/.cofferdam/store/";
    return tree.artifact.starts_with(kStore) &&
           std::filesystem::is_regular_file(store_ / tree.artifact.substr(kStore.size()));
  }

  /// What this job notes beside the place.
  [[nodiscard]] std::string mark(const std::string& staging) const {
    return staging + "." + job_.job;
  }

  void obey(const std::string& command, const RestoreTree& tree) {
    const std::string staging = place(tree.staging);
    bool exchanged = false;
    {
      const std::scoped_lock lock(world_.mutex);
      exchanged = world_.exchanged.contains(mark(staging));
      if (command == "stage") {
        world_.staged[staging] = "new";
        made_.insert(staging);
      } else if (command == "swap" || (command == "unswap" && exchanged)) {
        world_.exchange(staging, mark(staging));
      } else if (command == "discard") {
        world_.staged.erase(staging);
      }
    }
    answer(command, tree, exchanged);
  }

  void answer(const std::string& command, const RestoreTree& tree, bool exchanged) {
    if (command == "stage" || command == "adopt") {
      TreeMessage message;
      message.tree = tree.id;
      say(message);
    } else if (command == "measure") {
      FreeSpaceMessage message{tree.id, std::uint64_t{1} << 40, 1000, 1, true, exchanged};
      say(message);
    } else if (command == "weigh") {
      say(MeasureMessage{tree.id, {1, 100, false}});
    }
  }

  void say(const Message& message) { process_.write_stdout(to_line(message) + "\n"); }

  fakes::Process& process_;
  std::filesystem::path store_;
  RestoredTrees& world_;
  RestoreJob job_;
  std::set<std::string> made_;
};

class DrillAgent {
 public:
  DrillAgent(fakes::Process& process, RestoredTrees& world) : process_(process), world_(world) {}

  int run() {
    job_ = restore_job_from(process_.read_line().value());
    say(ReadyMessage{});
    while (const auto line = process_.read_line()) {
      const Command command = command_from(*line);
      for (const auto& tree : job_.trees) {
        if (std::ranges::find(command.trees, tree.id) != command.trees.end()) {
          obey(command.name, tree);
        }
      }
      say(DoneMessage{command.name});
      if (command.name == "finish") {
        return 0;
      }
    }
    return 1;
  }

 private:
  void obey(const std::string& command, const RestoreTree& tree) {
    if (command == "measure") {
      say(FreeSpaceMessage{tree.id, std::uint64_t{1} << 40, 1000});
    } else if (command == "weigh") {
      say(MeasureMessage{tree.id, {tree.entries - world_.lost, 0, false}});
    } else {
      say(TreeMessage{tree.id, {}});
    }
  }

  void say(const Message& message) { process_.write_stdout(to_line(message) + "\n"); }

  fakes::Process& process_;
  RestoredTrees& world_;
  RestoreJob job_;
};

}  // namespace

void RestoredTrees::exchange(const std::string& staging, const std::string& mark) {
  std::swap(live, staged.at(staging));
  if (exchanged.erase(mark) == 0) {
    exchanged.insert(mark);
  }
}

bool RestoredTrees::kills(const std::string& command) {
  const std::scoped_lock lock(mutex);
  if (command != deadly_command) {
    return false;
  }
  deadly_command.clear();
  return true;
}

bool RestoredTrees::is_new() {
  const std::scoped_lock lock(mutex);
  return live == "new";
}

std::vector<std::string> RestoredTrees::beside() {
  const std::scoped_lock lock(mutex);
  std::vector<std::string> contents;
  for (const auto& [name, content] : staged) {
    contents.push_back(content);
  }
  return contents;
}

fakes::Program scripted_agent(const std::filesystem::path& store, RestoredTrees& trees) {
  return [store, &trees](fakes::Process& process) {
    if (process.command().back() == "restore") {
      return RestoreAgent(process, store, trees).run();
    }
    if (process.command().back() == "drill") {
      return DrillAgent(process, trees).run();
    }
    std::unique_lock lock(trees.mutex);
    const bool sees_clusters = trees.measured_clusters;
    lock.unlock();
    return CaptureAgent(process, store, sees_clusters).run();
  };
}
