#include "tests/controller/capture/scripted_agents.h"

#include <fstream>

#include "controller/agent/protocol.h"
#include "controller/archive/artifact.h"

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
      const auto path = real_path(tree.artifact);
      ArtifactSink sink(path, {Compression::Method::Zstd, 3}, 1);
      sink.write(id);
      TreeMessage message;
      message.tree = id;
      message.summary.entries = 1;
      message.summary.artifact = sink.close();
      written_.push_back(path);
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

}  // namespace

fakes::Program scripted_capture_agent(const std::filesystem::path& store) {
  return [store](fakes::Process& process) { return CaptureAgent(process, store).run(); };
}
