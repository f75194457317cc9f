#include "controller/cli/access_settings.h"

#include <sstream>
#include <stdexcept>

#include "controller/access/audit_log.h"
#include "controller/access/users.h"
#include "controller/clock.h"

namespace controller {

namespace {

constexpr const char* kAdmin = "admin";

std::vector<std::string> listed(const Environment& environment, const std::string& name) {
  std::istringstream text(read_variable(environment, name).value_or(""));
  std::vector<std::string> words;
  for (std::string part; std::getline(text, part, ',');) {
    const auto begin = part.find_first_not_of(' ');
    if (begin != std::string::npos) {
      words.push_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
    }
  }
  return words;
}

/// An origin: what browsers send of a page is compared with it.
std::string read_url(const Environment& environment) {
  auto url = read_variable(environment, "COFFERDAM_URL").value_or("");
  if (url.ends_with('/')) {
    url.pop_back();
  }
  const auto scheme = url.find("://");
  const bool known = url.starts_with("https://") || url.starts_with("http://");
  if (!url.empty() && (!known || url.find_first_of("/?#@", scheme + 3) != std::string::npos ||
                       host_of_url(url).empty())) {
    throw SettingError("COFFERDAM_URL is \"" + url +
                       "\"; it must be like https://backup.example.org, without a path");
  }
  return url;
}

}  // namespace

AccessSettings read_access_settings(const Environment& environment) {
  AccessSettings settings;
  auto& rules = settings.rules;
  rules.url = read_url(environment);
  rules.hosts = {"localhost", "127.0.0.1", "::1"};
  if (!rules.url.empty()) {
    rules.hosts.insert(host_of_url(rules.url));
  }
  for (const auto& host : listed(environment, "COFFERDAM_HOSTS")) {
    rules.hosts.insert(host_of_url(host.find(':') != host.rfind(':') ? "[" + host + "]" : host));
  }
  for (const auto& range : listed(environment, "COFFERDAM_TRUSTED_PROXIES")) {
    try {
      rules.proxies.emplace_back(range);
    } catch (const std::invalid_argument& error) {
      throw SettingError(std::string("COFFERDAM_TRUSTED_PROXIES: ") + error.what());
    }
  }
  if (const auto password = read_variable(environment, "COFFERDAM_ADMIN_PASSWORD")) {
    settings.admin_password = Secret(*password);
  }
  return settings;
}

std::filesystem::path access_file(const Settings& settings) {
  return settings.state.parent_path() / "access.db";
}

void put_admin(const Settings& settings, const Secret& password) {
  AccessFile file(access_file(settings));
  Users users(file);
  if (users.knows(kAdmin, password)) {
    return;
  }
  const auto now = now_in_seconds();
  try {
    users.put(kAdmin, password, now);
  } catch (const std::invalid_argument& error) {
    throw SettingError(std::string("COFFERDAM_ADMIN_PASSWORD: ") + error.what());
  }
  AuditLog(file).add({rfc3339(now), "setting", "", "user set", kAdmin, "ok"});
}

}  // namespace controller
