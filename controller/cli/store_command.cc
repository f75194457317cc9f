#include <nlohmann/json.hpp>

#include "controller/cli/commands.h"
#include "controller/cli/open_destination.h"
#include "controller/remote/destination_probe.h"

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
  OpenDestination opened(choose_destination(destinations_of(context.settings), name), context.stop);
  const auto& destination = opened.destination();
  const auto result = probe_destination(opened.objects(), destination.prefix,
                                        "cofferdam was here at " + rfc3339(SystemClock().now()));
  print(context.output.json ? result_json(destination, result) : result_text(destination, result));
  return ExitCode::Success;
}

}  // namespace controller
