#include "controller/drill/drill_container.h"

#include <algorithm>
#include <set>

namespace controller {

namespace {

using dockerapi::Container;
using dockerapi::ContainerSpec;
using dockerapi::Image;

constexpr std::int64_t kLogBytes = std::int64_t{10} << 20;
constexpr int kOomScoreAdjustment = 500;  // a drill goes before anything live does
constexpr std::size_t kShortId = 12;

/// What the engine grants anyway, and what only eases the own processes.
const std::set<std::string>& harmless_capabilities() {
  static const std::set<std::string> names = {
      "AUDIT_WRITE", "CHOWN",  "DAC_OVERRIDE",     "FOWNER",  "FSETID",  "IPC_LOCK",
      "KILL",        "MKNOD",  "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID",
      "SETPCAP",     "SETUID", "SYS_CHROOT",       "SYS_NICE"};
  return names;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

/// `value`, unless it only is what the image of the live container says: then nothing.
template <typename Value>
Value own(const Value& value, const std::optional<Image>& image, const Value Image::*field) {
  return image && value == (*image).*field ? Value() : value;
}

std::vector<std::string> own_env(const Container& live, const std::optional<Image>& image) {
  std::vector<std::string> env;
  std::ranges::copy_if(live.env, std::back_inserter(env), [&](const std::string& entry) {
    return !image || std::ranges::find(image->env, entry) == image->env.end();
  });
  return env;
}

/// An overridden entrypoint brings its own command, even if that is none.
void set_command(ContainerSpec& spec, const Container& live, const std::optional<Image>& image) {
  spec.entrypoint = own(live.entrypoint, image, &Image::entrypoint);
  spec.command = spec.entrypoint.empty() ? own(live.command, image, &Image::command) : live.command;
}

void set_health_check(ContainerSpec& spec, const Container& live,
                      const std::optional<Image>& image) {
  spec.health_check = own(live.health_check, image, &Image::health_check);
  // The image has one, so it was switched off.
  spec.no_health_check = !live.health_check && image && image->health_check;
}

void set_rights(ContainerSpec& spec, const Container& live, std::vector<std::string>& notes) {
  std::vector<std::string> refused;
  for (const auto& name : live.added_capabilities) {
    (harmless_capabilities().contains(name) ? spec.add_capabilities : refused).push_back(name);
  }
  if (!refused.empty()) {
    notes.push_back("without capabilities " + listed(refused));
  }
  spec.drop_capabilities = live.dropped_capabilities;
  for (const auto& option : live.security_options) {
    if (option.starts_with("no-new-privileges")) {
      spec.security_options.push_back(option);
    } else if (!live.privileged) {  // then they are the engine's own
      notes.push_back("without security option " + option.substr(0, option.find_first_of("=:")));
    }
  }
  if (live.privileged) {
    notes.emplace_back("not privileged");
  }
  if (!live.devices.empty()) {
    notes.push_back("without devices " + listed(live.devices));
  }
}

/// An image that Compose built carries Compose's labels, and so would its containers: emptied, they
/// name no project.
void hide_from_compose(ContainerSpec& spec, const Image& image) {
  for (const auto& [name, value] : image.labels) {
    if (name.starts_with("com.docker.compose.")) {
      spec.labels[name] = "";
    }
  }
}

bool is_short_id(const Container& live, const std::string& name) {
  return name == live.id.value.substr(0, kShortId);
}

}  // namespace

ContainerSpec drill_container(const Container& live, const std::optional<Image>& live_image,
                              const Image& recorded, std::vector<std::string>& notes) {
  ContainerSpec spec;
  spec.image = recorded.id;
  set_command(spec, live, live_image);
  spec.env = own_env(live, live_image);
  spec.user = own(live.user, live_image, &Image::user);
  spec.hostname = is_short_id(live, live.hostname) ? "" : live.hostname;
  spec.allowance = live.allowance;
  spec.allowance.working_directory =
      own(live.allowance.working_directory, live_image, &Image::working_directory);
  set_health_check(spec, live, live_image);
  set_rights(spec, live, notes);
  hide_from_compose(spec, recorded);
  spec.read_only_root = live.read_only_root;
  spec.open_stdin = live.open_stdin;
  spec.memory_bytes = live.memory_bytes;
  spec.stop_signal = live.stop_signal;
  spec.log_bytes = kLogBytes;
  spec.oom_score_adjustment = kOomScoreAdjustment;
  // Names of the drill are known to the engine; for others it would ask this server, and nobody is
  // there: engines before 26 ask the outside world even from an internal network.
  spec.dns = {"127.0.0.1"};
  return spec;
}

std::vector<std::string> drill_aliases(const std::string& service, const Container& live) {
  std::set<std::string> names = {service, live.name};
  for (const auto& [network, aliases] : live.aliases) {
    for (const auto& alias : aliases) {
      if (!is_short_id(live, alias)) {
        names.insert(alias);
      }
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace controller
