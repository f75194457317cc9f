#include "controller/cli/config_in_force.h"

#include <utility>

#include "controller/cli/destination_settings.h"
#include "controller/cli/job_process.h"
#include "controller/clock.h"

namespace controller {

namespace {

namespace fs = std::filesystem;

std::string joined(const Complaints& complaints) {
  std::string text;
  for (const auto& complaint : complaints) {
    text += (text.empty() ? "" : "\n") + complaint;
  }
  return text;
}

std::optional<std::string> no_variables(const std::string& /*name*/) {
  return std::nullopt;
}

}  // namespace

ServedConfig read_served_config(const Settings& settings, const Environment& environment,
                                const std::string& yaml) {
  Complaints complaints;
  auto file = read_policy_file(yaml, complaints);
  check_values(file, complaints);
  if (!complaints.empty()) {
    throw SettingError(joined(complaints));
  }
  read_schedules(settings, file.schedules, {});
  read_destinations(no_variables, yaml);  // the environment's are no part of the file
  return {std::move(file.schedules), read_notify_settings(environment, yaml)};
}

ConfigInForce::ConfigInForce(const Settings& settings, Environment environment)
    : settings_(settings), environment_(std::move(environment)), judged_(glance()) {
  judge(judged_);
  before_ = judged_;
}

ConfigInForce::Glance ConfigInForce::glance() const {
  Glance seen;
  try {
    if (fs::exists(settings_.config)) {
      seen.text = config_text(settings_.config);
      seen.written = fs::last_write_time(settings_.config);
    }
  } catch (const std::exception& error) {  // is what there is to be seen
    seen.problem = error.what();
  }
  return seen;
}

void ConfigInForce::judge(const Glance& seen) {
  if (!seen.problem.empty()) {
    throw SettingError(seen.problem);
  }
  if (!seen.text && is_there_) {
    throw SettingError(settings_.config.string() +
                       " is gone; to have nothing in force, leave it there without content");
  }
  current_ = read_served_config(settings_, environment_, seen.text.value_or(""));
  is_there_ = seen.text.has_value();
  standing_ = {true, now_in_seconds()};
}

bool ConfigInForce::look(Reporter& reporter) {
  const auto seen = glance();
  const bool is_settled = std::exchange(before_, seen) == seen;
  if (seen == judged_ || !is_settled) {
    return false;
  }
  judged_ = seen;
  try {
    judge(seen);
    reporter.phase("the config file has changed: it is in force");
    return true;
  } catch (const std::exception& error) {  // serve goes on, whatever somebody wrote
    standing_.good = false;
    reporter.warning(
        "the config file has changed and cannot be meant; for serve, what it said before stays in "
        "force: " +
        std::string(error.what()));
    return false;
  }
}

std::vector<std::string> environment_of_jobs(const ConfigInForce& config) {
  auto environment = own_environment();
  if (config.has_file()) {
    environment.emplace_back("COFFERDAM_CONFIG_EXPECTED=1");
  }
  return environment;
}

}  // namespace controller
