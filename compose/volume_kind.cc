#include "compose/volume_kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>
#include <string_view>

#include "compose/compose_labels.h"

namespace compose {

namespace {

constexpr std::string_view kAnonymous = "com.docker.volume.anonymous";

std::string value_of(const dockerapi::Labels& labels, std::string_view name) {
  const auto found = labels.find(std::string(name));
  return found == labels.end() ? std::string() : found->second;
}

bool is_hex_64(const std::string& name) {
  return name.size() == 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f');
         });
}

// Compose writes "o: bind" and "o: rbind,ro" alike.
bool is_bind(const dockerapi::Labels& options) {
  const std::string flags = "," + value_of(options, "o") + ",";
  return flags.find(",bind,") != std::string::npos || flags.find(",rbind,") != std::string::npos;
}

StackVolume::Kind kind_of_local(const dockerapi::Volume& volume, const Surroundings& around) {
  using Kind = StackVolume::Kind;
  const std::string type = value_of(volume.options, "type");
  if (is_bind(volume.options)) {
    const auto kind = kind_of_bind(value_of(volume.options, "device"), around);
    return kind == Kind::Special ? Kind::Special : Kind::BindVolume;
  }
  if (type == "tmpfs" || type == "ramfs") {
    return Kind::TmpfsVolume;
  }
  static constexpr std::array kRemote = {"nfs",   "nfs4", "cifs", "smb3",
                                         "smbfs", "9p",   "ceph", "glusterfs"};
  if (std::find(kRemote.begin(), kRemote.end(), type) != kRemote.end()) {
    return Kind::Network;
  }
  return Kind::Named;  // also a block device with its own file system
}

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  return path;
}

}  // namespace

StackVolume::Kind kind_of_volume(const dockerapi::Volume& volume, const Surroundings& around) {
  using Kind = StackVolume::Kind;
  if (volume.driver != "local" && !volume.driver.empty()) {
    return Kind::Plugin;
  }
  const auto kind = kind_of_local(volume, around);
  if (kind != Kind::Named) {
    return kind;
  }
  if (value_of(volume.labels, kProjectLabel) == around.project) {
    return Kind::Named;
  }
  // Compose makes anonymous volumes without any label; only the engine labels its own.
  if (volume.labels.contains(std::string(kAnonymous)) || is_hex_64(volume.name)) {
    return Kind::Anonymous;
  }
  return Kind::External;
}

StackVolume::Kind kind_of_bind(const std::string& host_path, const Surroundings& around) {
  using Kind = StackVolume::Kind;
  const std::string path = without_trailing_slash(host_path);
  if (path.empty() || overlap(path, around.engine_root)) {
    return Kind::Special;
  }
  static constexpr std::array<std::string_view, 5> kTrees = {
      "/proc", "/sys", "/dev", "/var/lib/containerd", "/var/lib/containers"};
  const bool kernel_or_engine = std::any_of(kTrees.begin(), kTrees.end(), [&](const auto& tree) {
    return lies_within(path, std::string(tree));
  });
  // Not all below /run: an application may keep files there.  A socket is no file, though.
  const bool runtime = path == "/run" || path == "/var/run" || path.ends_with(".sock");
  return kernel_or_engine || runtime ? Kind::Special : Kind::Bind;
}

std::string compose_key(const dockerapi::Volume& volume, const std::string& project) {
  if (value_of(volume.labels, kProjectLabel) == project) {
    if (auto key = value_of(volume.labels, kVolumeLabel); !key.empty()) {
      return key;
    }
  }
  const std::string prefix = project + "_";
  if (volume.name.size() > prefix.size() && volume.name.starts_with(prefix)) {
    return volume.name.substr(prefix.size());
  }
  return volume.name;
}

std::string place_of(const StackVolume& volume) {
  switch (volume.kind) {
    case StackVolume::Kind::Bind:
    case StackVolume::Kind::BindVolume:
      return "path " + host_path(volume);
    case StackVolume::Kind::Network:
      return "remote " + value_of(volume.volume.options, "type") + " " +
             value_of(volume.volume.options, "device") + " " + value_of(volume.volume.options, "o");
    case StackVolume::Kind::Named:
    case StackVolume::Kind::External: {
      // A block device may be behind two volumes.
      const auto device = value_of(volume.volume.options, "device");
      return device.empty() ? std::string() : "device " + device;
    }
    default:
      return {};
  }
}

std::string host_path(const StackVolume& volume) {
  if (volume.kind == StackVolume::Kind::Bind) {
    return without_trailing_slash(volume.name);
  }
  return volume.kind == StackVolume::Kind::BindVolume
             ? without_trailing_slash(value_of(volume.volume.options, "device"))
             : std::string();
}

bool lies_within(const std::string& inner, const std::string& outer) {
  const auto path = without_trailing_slash(inner);
  const auto root = without_trailing_slash(outer);
  if (path.empty() || root.empty()) {
    return false;
  }
  return path == root || root == "/" || path.starts_with(root + "/");
}

bool overlap(const std::string& one, const std::string& other) {
  return lies_within(one, other) || lies_within(other, one);
}

dockerapi::Labels masked_options(const dockerapi::Labels& options) {
  static const std::regex secret_name("pass|secret|token|key|cred", std::regex::icase);
  // As mount(8) takes them in `o`, and user:password@ in an address.
  static const std::regex secret("((?:^|,)[^,=]*(?:pass|secret|token|key|cred)[^,=]*=)[^,]*",
                                 std::regex::icase);
  static const std::regex address("((?:^|:)//[^/@:%]*)[:%][^/@]*@");
  dockerapi::Labels shown;
  for (const auto& [name, value] : options) {
    shown[name] =
        std::regex_search(name, secret_name)
            ? "***"
            : std::regex_replace(std::regex_replace(value, secret, "$1***"), address, "$1:***@");
  }
  return shown;
}

std::string remote_place(const dockerapi::Volume& volume) {
  const auto shown = masked_options(volume.options);
  std::string text = value_of(shown, "type") + " " + value_of(shown, "device");
  const std::string flags = value_of(shown, "o");
  static const std::regex server("(?:^|,)(addr=[^,]*)");
  if (std::smatch found; std::regex_search(flags, found, server)) {
    text += " " + found[1].str();
  }
  return text;
}

}  // namespace compose
