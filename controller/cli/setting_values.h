// Values of settings that more than one of them takes.
#pragma once

#include <chrono>
#include <string>

namespace controller {

/// Throws SettingError that names the setting unless `text` is a number from `lowest` to `highest`.
int setting_number(const std::string& name, const std::string& text, int lowest, int highest);

/// Of "30m", "72h", "3d" or "0"; throws SettingError for anything else.
std::chrono::seconds setting_duration(const std::string& name, const std::string& text);

}  // namespace controller
