#include "controller/plan/coverage.h"

#include <algorithm>

#include "compose/volume_kind.h"
#include "controller/plan/flags.h"

namespace controller {

namespace {

using compose::StackVolume;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::string what(const compose::Stack& stack, const StackVolume& volume) {
  auto services = services_with(stack, volume.users, Access::Writes);
  const auto readers = services_with(stack, volume.users, Access::OnlyReads);
  services.insert(services.end(), readers.begin(), readers.end());
  std::sort(services.begin(), services.end());
  return title_of(volume) + (volume.kind == StackVolume::Kind::Bind && !services.empty()
                                 ? " of " + listed(services)
                                 : "");
}

std::string reason(const compose::Stack& stack, const StackVolume& volume) {
  const bool is_own = std::any_of(volume.users.begin(), volume.users.end(), [&](const auto& user) {
    return stack.self && user.container == *stack.self && user.writes;
  });
  switch (volume.kind) {
    case StackVolume::Kind::Special:
      return "belongs to the host or to the engine";
    case StackVolume::Kind::TmpfsVolume:
      return "tmpfs";
    case StackVolume::Kind::Network:
      return "not flagged; its bytes live on another host (" +
             compose::remote_place(volume.volume) + ")";
    default:
      return is_own ? "written by Cofferdam itself" : "not flagged";
  }
}

}  // namespace

std::vector<Unprotected> unprotected(const compose::Stack& stack, const Selection& selection) {
  std::vector<Unprotected> found;
  for (const auto& volume : stack.volumes) {
    if (selection.covered.contains(volume.key)) {
      continue;
    }
    const auto left_out = selection.left_out.find(volume.key);
    found.push_back({what(stack, volume), left_out == selection.left_out.end()
                                              ? reason(stack, volume)
                                              : left_out->second});
  }
  for (const auto& mount : stack.tmpfs_mounts) {
    found.push_back({"tmpfs " + mount, "tmpfs"});
  }
  return found;
}

}  // namespace controller
