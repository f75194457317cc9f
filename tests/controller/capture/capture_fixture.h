// A shop on a fake engine: web writes the flagged volume `files` and needs db, a dumped database.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/capture/capture.h"
#include "controller/recovery/replay.h"
#include "tests/controller/capture/fake_databases.h"
#include "tests/controller/capture/scripted_agents.h"
#include "tests/fakes/fake_engine.h"
#include "tests/fakes/step_clock.h"
#include "tests/fakes/temporary_folder.h"

/// Keeps what a job said.
class KeptReport : public controller::Reporter {
 public:
  void phase(const std::string& text) override { phases.push_back(text); }
  void progress(const controller::ComponentProgress&) override {}
  void warning(const std::string& text) override { warnings.push_back(text); }
  void output(const std::string& source, const std::string& line) override {
    outputs.push_back(source + ": " + line);
  }

  std::vector<std::string> phases;
  std::vector<std::string> warnings;
  std::vector<std::string> outputs;
};

class Shop {
 public:
  Shop();

  /// Observes, plans and captures through `engine`, which is this shop's or one in front of it.
  controller::Manifest capture(dockerapi::Engine& engine, const std::string& name,
                               std::stop_token stop = {});

  [[nodiscard]] controller::Setting setting(dockerapi::Engine& engine);

  [[nodiscard]] bool all_running();
  [[nodiscard]] std::vector<std::string> agents_left();
  [[nodiscard]] std::filesystem::path store_path() const { return folder_.path() / "store"; }

  RestoredTrees volumes;  // before the engine, whose agents use it
  fakes::FakeEngine engine;
  fakes::StepClock clock;
  DatabaseScript databases;
  KeptReport report;
  std::string config;  // the text of config.yaml
  dockerapi::ContainerId web;
  dockerapi::ContainerId db;
  std::unique_ptr<controller::SnapshotStore> store;
  std::unique_ptr<controller::Journal> journal;

 private:
  TemporaryFolder folder_;
  FakeDatabases driver_;
};
