#include "controller/plan/hook.h"

namespace controller {

std::string_view to_string(HookMoment moment) {
  switch (moment) {
    case HookMoment::PreBackup:
      return "pre-backup";
    case HookMoment::PostBackup:
      return "post-backup";
    case HookMoment::PreRestore:
      return "pre-restore";
    case HookMoment::PostRestore:
      return "post-restore";
    case HookMoment::OnFailure:
      return "on-failure";
  }
  return "unknown";
}

bool comes_before(HookMoment moment) {
  return moment == HookMoment::PreBackup || moment == HookMoment::PreRestore;
}

std::string_view to_string(OnError on_error) {
  return on_error == OnError::Fail ? "fail" : "continue";
}

}  // namespace controller
