// A PostgreSQL server of another version, in a container of the engine that COFFERDAM_TEST_ENGINE
// names (its DOCKER_HOST).
#pragma once

#include <memory>
#include <string>

#include "dockerapi/engine.h"
#include "tests/controller/database/local_postgres.h"
#include "tests/fakes/scripted_process.h"

class ContainerPostgres : public PostgresAccess {
 public:
  /// Null without an engine or without the image.
  static std::unique_ptr<ContainerPostgres> start(const std::string& image);

  /// As above, started once per image; it ends with the tests.
  static const ContainerPostgres* shared(const std::string& image);

  ~ContainerPostgres();
  ContainerPostgres(const ContainerPostgres&) = delete;
  ContainerPostgres& operator=(const ContainerPostgres&) = delete;

  /// Runs commands in the container, through the engine.
  [[nodiscard]] fakes::Program exec() const;

 private:
  ContainerPostgres(std::unique_ptr<dockerapi::Engine> engine, const std::string& image);

  std::unique_ptr<dockerapi::Engine> engine_;
  dockerapi::ContainerId id_;
};
