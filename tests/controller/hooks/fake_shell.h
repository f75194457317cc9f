// A /bin/sh for containers of the fake engine: runs hooks as the real one would, and signals them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/fakes/fake_engine.h"

class FakeShell {
  struct State;  // outlives this: processes of the engine may

 public:
  /// From now on every container of `engine` has it.
  explicit FakeShell(fakes::FakeEngine& engine);
  FakeShell(const FakeShell&) = delete;
  FakeShell& operator=(const FakeShell&) = delete;

  /// What ran, in order: "web: sync -f", "kill TERM 4001".
  [[nodiscard]] std::vector<std::string> log();

  /// The environment that the program was given, by the same name.
  [[nodiscard]] std::vector<std::string> environment(const std::string& name);

  /// Until a deadly signal comes.
  int wait_for_signal();

 private:
  std::shared_ptr<State> state_;

 public:
  /// What a hook's program (or, of a shell string, all of it) does.
  std::map<std::string, fakes::Program>& programs;

  /// Signals that end a program in wait_for_signal().
  std::set<std::string>& deadly;
};
