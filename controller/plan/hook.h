// Commands of the operator's around a backup or a restore: what can be said of them.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

enum class HookMoment { PreBackup, PostBackup, PreRestore, PostRestore, OnFailure };

inline constexpr std::array kHookMoments = {HookMoment::PreBackup, HookMoment::PostBackup,
                                            HookMoment::PreRestore, HookMoment::PostRestore,
                                            HookMoment::OnFailure};

/// "pre-backup", as labels say it.
std::string_view to_string(HookMoment moment);

/// True for those that run before the work: if one fails, the work is not begun.
bool comes_before(HookMoment moment);

/// Fail: a hook that fails counts; what follows from that depends on its moment.  Continue: it is a
/// warning.
enum class OnError { Fail, Continue };
std::string_view to_string(OnError on_error);

inline constexpr std::chrono::seconds kHookTimeout{60};

/// What labels and the config file say of one service's hooks of one moment.
struct HookPolicy {
  std::vector<std::string> command;  // argv; empty: none
  std::string sql;                   // of post-restore only
  std::optional<std::chrono::seconds> timeout;
  std::string user;
  std::optional<OnError> on_error;
  std::map<std::string, std::string> places;  // by setting: "hook.pre-backup.user"
};

}  // namespace controller
