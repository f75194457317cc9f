#include "controller/database/postgres_driver.h"

#include <utility>

#include "controller/database/postgres_server.h"
#include "controller/database/postgres_session.h"

namespace controller {

namespace {

class PostgresDriver : public DatabaseDriver {
 public:
  PostgresDriver(dockerapi::Engine& engine, AgentImage image)
      : engine_(engine), image_(std::move(image)) {}

  std::unique_ptr<DatabaseSession> connect(const DatabaseTarget& target) override {
    return std::make_unique<PostgresSession>(
        std::make_shared<PostgresServer>(engine_, image_, target.container), target);
  }

 private:
  dockerapi::Engine& engine_;
  AgentImage image_;
};

}  // namespace

std::unique_ptr<DatabaseDriver> postgres_driver(dockerapi::Engine& engine, AgentImage image) {
  return std::make_unique<PostgresDriver>(engine, std::move(image));
}

}  // namespace controller
