#include <nlohmann/json.hpp>

#include "controller/cli/commands.h"
#include "controller/cli/destination_settings.h"
#include "controller/clock.h"
#include "controller/remote/curl_client.h"
#include "controller/remote/destination_probe.h"
#include "controller/remote/s3_objects.h"

namespace controller {

namespace {

std::string result_text(const Destination& destination, const ProbeResult& result) {
  auto text = destination.name + ": bucket " + destination.bucket +
              " can be written, read and listed with this key\n";
  return text + (result.can_delete
                     ? "the key can delete: so can whoever takes it from this machine\n"
                     : "the key cannot delete; copies end by rules of the bucket alone (" +
                           result.why_not + ")\n");
}

std::string result_json(const Destination& destination, const ProbeResult& result) {
  return nlohmann::json{{"destination", destination.name},
                        {"bucket", destination.bucket},
                        {"can_delete", result.can_delete},
                        {"why_not", result.why_not}}
             .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace

ExitCode run_store_test(const CommandContext& context, const std::string& name) {
  const auto destination = choose_destination(
      read_destinations(process_environment(), config_text(context.settings.config)), name);
  TransferLimits limits;
  limits.bandwidth = destination.bandwidth;
  const auto http = make_curl_client(destination.authorities, limits);
  SystemClock clock;
  const auto objects = open_s3_objects(destination, *http, clock, RetryPolicy{}, context.stop);
  const auto result = probe_destination(*objects, destination.prefix,
                                        "cofferdam was here at " + rfc3339(clock.now()));
  print(context.output.json ? result_json(destination, result) : result_text(destination, result));
  return ExitCode::Success;
}

}  // namespace controller
