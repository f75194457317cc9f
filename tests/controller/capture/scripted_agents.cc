#include "tests/controller/capture/scripted_agents.h"

#include <algorithm>
#include <fstream>

#include "controller/agent/protocol.h"
#include "controller/archive/volume_archive.h"

using namespace controller;

namespace {

class CaptureAgent {
 public:
  CaptureAgent(fakes::Process& process, std::filesystem::path store)
      : process_(process), store_(std::move(store)) {}

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
        say(MeasureMessage{tree.id, {1, 100, false}});
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
  CaptureJob job_;
  std::vector<std::filesystem::path> written_;
};

class RestoreAgent {
 public:
  RestoreAgent(fakes::Process& process, RestoredTrees& world) : process_(process), world_(world) {}

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
    // The controller is gone: what is not live goes too.
    const std::scoped_lock lock(world_.mutex);
    for (const auto& tree : job_.trees) {
      auto& state = world_.trees[tree.live];
      state.staged = state.staged && state.is_new;
    }
    return 1;
  }

 private:
  void obey(const std::string& command, const RestoreTree& tree) {
    {
      const std::scoped_lock lock(world_.mutex);
      auto& state = world_.trees[tree.live];
      if (command == "stage") {
        state.staged = true;
      } else if (command == "swap") {
        state.is_new = true;
      } else if (command == "unswap") {
        state.is_new = false;
      } else if (command == "discard") {
        state.staged = false;
      }
    }
    if (command == "stage") {
      TreeMessage message;
      message.tree = tree.id;
      say(message);
    }
  }

  void say(const Message& message) { process_.write_stdout(to_line(message) + "\n"); }

  fakes::Process& process_;
  RestoredTrees& world_;
  RestoreJob job_;
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

bool RestoredTrees::any_new() {
  const std::scoped_lock lock(mutex);
  return std::ranges::any_of(trees, [](const auto& one) { return one.second.is_new; });
}

bool RestoredTrees::any_staged() {
  const std::scoped_lock lock(mutex);
  return std::ranges::any_of(trees, [](const auto& one) { return one.second.staged; });
}

fakes::Program scripted_agent(const std::filesystem::path& store, RestoredTrees& trees) {
  return [store, &trees](fakes::Process& process) {
    if (process.command().back() == "restore") {
      return RestoreAgent(process, trees).run();
    }
    if (process.command().back() == "drill") {
      return DrillAgent(process, trees).run();
    }
    return CaptureAgent(process, store).run();
  };
}
