#include "tests/controller/database/container_postgres.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "controller/database/exec_process.h"
#include "dockerapi/endpoint.h"
#include "dockerapi/http_engine.h"

namespace {

std::map<std::string, std::unique_ptr<ContainerPostgres>>& servers() {
  static std::map<std::string, std::unique_ptr<ContainerPostgres>> all;
  return all;
}

/// They end with the tests and not with the process, when what the engine's client stands on may
/// be gone before them.
class ServersEnd : public testing::Environment {
 public:
  void TearDown() override { servers().clear(); }
};

const testing::Environment* const kServersEnd =
    testing::AddGlobalTestEnvironment(new ServersEnd);  // owned by GoogleTest

}  // namespace

std::unique_ptr<ContainerPostgres> ContainerPostgres::start(const std::string& image) {
  const char* host = std::getenv("COFFERDAM_TEST_ENGINE");
  if (host == nullptr || *host == '\0') {
    return nullptr;
  }
  auto engine = dockerapi::connect(
      dockerapi::endpoint_from([&](const std::string& variable) -> std::optional<std::string> {
        return variable == "DOCKER_HOST" ? std::optional<std::string>(host) : std::nullopt;
      }));
  try {
    engine->inspect_image(image);
  } catch (const dockerapi::NotFound&) {
    return nullptr;
  }
  return std::unique_ptr<ContainerPostgres>(new ContainerPostgres(std::move(engine), image));
}

const ContainerPostgres* ContainerPostgres::shared(const std::string& image) {
  auto& started = servers();
  if (!started.contains(image)) {
    started[image] = image.empty() ? nullptr : start(image);
  }
  return started[image].get();
}

ContainerPostgres::ContainerPostgres(std::unique_ptr<dockerapi::Engine> engine,
                                     const std::string& image)
    : engine_(std::move(engine)) {
  dockerapi::ContainerSpec spec;
  spec.name = "cofferdam-test-postgres-" + port();
  spec.image = image;
  spec.env = {"POSTGRES_USER=boss", "POSTGRES_PASSWORD=open-sesame", "POSTGRES_DB=postgres",
              "PGPORT=" + port()};
  spec.command = {"postgres",
                  "-c",
                  "fsync=off",
                  "-c",
                  "wal_level=logical",
                  "-c",
                  "max_prepared_transactions=5"};
  spec.network_mode = "host";
  id_ = engine_->create(spec);
  const auto output = engine_->attach(id_, false);
  engine_->start(id_);
  std::string log;
  while (!accepts_logins(log)) {
    const auto chunk = output->read();
    if (!chunk) {
      throw std::runtime_error("the server did not start: " + log);
    }
    log += chunk->bytes;
  }
}

ContainerPostgres::~ContainerPostgres() {
  try {
    engine_->remove(id_);
  } catch (const dockerapi::Error& error) {
    std::cerr << "the test's server is left behind: " << error.what() << "\n";
  }
}

fakes::Program ContainerPostgres::exec() const {
  return [this](fakes::Process& process) {
    dockerapi::ExecSpec spec;
    spec.command = process.command();
    spec.env = process.env();
    const std::string input = process.read_all();
    bool fed = false;
    const auto outcome = controller::run_exec(
        *engine_, id_, spec,
        {[&] { return std::exchange(fed, true) ? std::string_view() : std::string_view(input); },
         [&](std::string_view bytes) { process.write_stdout(bytes); },
         {}});
    process.write_stderr(outcome.complaints);
    return outcome.exit_code;
  };
}
