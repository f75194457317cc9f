// One destination, ready to be talked to.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "controller/cli/destination_settings.h"
#include "controller/cli/settings.h"
#include "controller/clock.h"
#include "controller/remote/http_client.h"
#include "controller/remote/object_store.h"

namespace controller {

class OpenDestination {
 public:
  OpenDestination(Destination destination, std::stop_token stop);
  OpenDestination(const OpenDestination&) = delete;
  OpenDestination& operator=(const OpenDestination&) = delete;

  [[nodiscard]] const Destination& destination() const { return destination_; }
  [[nodiscard]] ObjectStore& objects() { return *objects_; }

 private:
  Destination destination_;
  SystemClock clock_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<ObjectStore> objects_;
};

/// What the environment and the config file say now.  Throws SettingError.
std::vector<Destination> destinations_of(const Settings& settings);

}  // namespace controller
