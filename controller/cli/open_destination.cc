#include "controller/cli/open_destination.h"

#include <utility>

#include "controller/remote/curl_client.h"
#include "controller/remote/s3_objects.h"

namespace controller {

namespace {

TransferLimits limits_of(const Destination& destination) {
  TransferLimits limits;
  limits.bandwidth = destination.bandwidth;
  return limits;
}

}  // namespace

OpenDestination::OpenDestination(Destination destination, std::stop_token stop)
    : destination_(std::move(destination)),
      http_(make_curl_client(destination_.authorities, limits_of(destination_))),
      objects_(open_s3_objects(destination_, *http_, clock_, RetryPolicy{}, std::move(stop))) {}

std::vector<Destination> destinations_of(const Settings& settings) {
  return read_destinations(process_environment(), config_text(settings.config));
}

}  // namespace controller
