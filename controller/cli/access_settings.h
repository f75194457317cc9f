// Who may reach the HTTP API, and how, by the environment.
#pragma once

#include <filesystem>
#include <optional>

#include "controller/api/request_guard.h"
#include "controller/cli/settings.h"
#include "controller/remote/secret.h"

namespace controller {

struct AccessSettings {
  std::optional<Secret> admin_password;  // COFFERDAM_ADMIN_PASSWORD
  GuardRules rules;  // COFFERDAM_URL, COFFERDAM_HOSTS, COFFERDAM_TRUSTED_PROXIES
};

/// localhost is always one of the hosts, and so is that of the URL.  Throws SettingError that names
/// what is wrong, and never the password.
AccessSettings read_access_settings(const Environment& environment);

/// Where users and tokens are kept: beside the journal.
std::filesystem::path access_file(const Settings& settings);

/// Makes sure that the user admin has that password; one who has it already stays logged in.
/// Throws SettingError: a password that is too short; AccessError.
void put_admin(const Settings& settings, const Secret& password);

}  // namespace controller
