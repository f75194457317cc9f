#include "tests/compose/stack_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace compose_test {

namespace {

using dockerapi::Container;
using dockerapi::Mount;

std::pair<std::string, std::string> cut(const std::string& text, char separator) {
  const auto at = text.find(separator);
  return at == std::string::npos ? std::pair(text, std::string())
                                 : std::pair(text.substr(0, at), text.substr(at + 1));
}

std::string hex_id(std::size_t number) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016zx", number * 0x9e3779b97f4a7c15U);
  const std::string part = digits.data();
  return part + part + part + part;
}

template <typename Value>
Value named(const std::map<std::string, Value>& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) {
    throw std::invalid_argument("unknown: " + name);
  }
  return found->second;
}

const std::map<std::string, dockerapi::ContainerState>& states() {
  static const std::map<std::string, dockerapi::ContainerState> all = {
      {"created", dockerapi::ContainerState::Created},
      {"running", dockerapi::ContainerState::Running},
      {"paused", dockerapi::ContainerState::Paused},
      {"restarting", dockerapi::ContainerState::Restarting},
      {"exited", dockerapi::ContainerState::Exited},
      {"dead", dockerapi::ContainerState::Dead}};
  return all;
}

const std::map<std::string, dockerapi::Health>& healths() {
  static const std::map<std::string, dockerapi::Health> all = {
      {"starting", dockerapi::Health::Starting},
      {"healthy", dockerapi::Health::Healthy},
      {"unhealthy", dockerapi::Health::Unhealthy}};
  return all;
}

class Parser {
 public:
  Parsed run(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      read_line(line);
    }
    for (auto& container : parsed_.seen.containers) {
      resolve(container);
    }
    return std::move(parsed_);
  }

 private:
  void read_line(const std::string& line) {
    std::istringstream fields(line);
    std::string kind;
    std::string name;
    if (!(fields >> kind >> name)) {
      return;
    }
    std::vector<std::string> words;
    for (std::string word; fields >> word;) {
      words.push_back(word);
    }
    if (kind == "volume" || kind == "external") {
      read_volume(name, kind == "volume", words);
    } else if (kind == "network" || kind == "outside") {
      read_network(name, kind == "network", words);
    } else if (kind == "service" || kind == "container") {
      read_container(name, kind == "service", words);
    } else {
      throw std::invalid_argument("unknown line: " + line);
    }
  }

  void read_volume(const std::string& name, bool of_project,
                   const std::vector<std::string>& words) {
    dockerapi::Volume volume;
    volume.name = of_project ? "shop_" + name : name;
    volume.mountpoint = "/var/lib/docker/volumes/" + volume.name + "/_data";
    if (of_project) {
      volume.labels = {{"com.docker.compose.project", "shop"}, {"com.docker.compose.volume", name}};
    }
    for (const auto& word : words) {
      const auto [key, value] = cut(word, '=');
      if (key == "driver") {
        volume.driver = value;
      } else if (key.starts_with("opt:")) {
        volume.options[key.substr(4)] = value;
      } else {
        volume.labels[key] = value;
      }
    }
    parsed_.seen.volumes.push_back(volume);
  }

  void read_network(const std::string& name, bool of_project,
                    const std::vector<std::string>& words) {
    dockerapi::Network network;
    network.id = hex_id(2000 + parsed_.seen.networks.size());
    network.name = of_project ? "shop_" + name : name;
    network.driver = "bridge";
    if (of_project) {
      network.labels = {{"com.docker.compose.project", "shop"},
                        {"com.docker.compose.network", name}};
    }
    for (const auto& word : words) {
      const auto [key, value] = cut(word, '=');
      network.labels.insert_or_assign(key, value);
    }
    parsed_.seen.networks.push_back(network);
  }

  void join(Container& container, const std::string& names) const {
    std::istringstream list(names);
    for (std::string name; std::getline(list, name, ',');) {
      const auto& known = parsed_.seen.networks;
      const bool of_project = std::any_of(known.begin(), known.end(), [&](const auto& network) {
        return network.name == "shop_" + name;
      });
      container.networks.push_back(of_project ? "shop_" + name : name);
    }
  }

  void read_container(const std::string& name, bool of_compose,
                      const std::vector<std::string>& words) {
    const std::size_t number = parsed_.seen.containers.size() + 1;
    Container container;
    container.id.value = hex_id(number);
    container.image = "app:1";
    std::array<char, 32> created{};
    std::snprintf(created.data(), created.size(), "2026-01-01T00:%02zu:%02zuZ", number / 60 % 60,
                  number % 60);
    container.created_at = container.started_at = created.data();
    container.state = dockerapi::ContainerState::Running;
    container.name = name;
    if (of_compose) {
      container.labels = {{"com.docker.compose.project", "shop"},
                          {"com.docker.compose.service", name},
                          {"com.docker.compose.container-number", "1"},
                          {"com.docker.compose.oneoff", "False"},
                          {"com.docker.compose.config-hash", "h"}};
    }
    for (const auto& word : words) {
      read_word(container, word);
    }
    if (of_compose) {
      container.name = container.labels["com.docker.compose.project"] + "-" + name + "-" +
                       container.labels["com.docker.compose.container-number"];
    }
    if (std::find(words.begin(), words.end(), "self") != words.end()) {
      parsed_.self = container.id;
    }
    parsed_.seen.containers.push_back(container);
  }

  void read_word(Container& container, const std::string& word) {
    using Action = std::function<void(const std::string&)>;
    const std::map<std::string, Action> actions = {
        {"rw", [&](const auto& value) { add_mount(container, value, true); }},
        {"ro", [&](const auto& value) { add_mount(container, value, false); }},
        {"image", [&](const auto& value) { container.image = value; }},
        {"label",
         [&](const auto& value) {
           container.labels.insert_or_assign(cut(value, '=').first, cut(value, '=').second);
         }},
        {"needs",
         [&](const auto& value) { container.labels["com.docker.compose.depends_on"] = value; }},
        {"env", [&](const auto& value) { container.env.push_back(value); }},
        {"tmpfs", [&](const auto& value) { container.tmpfs.push_back(value); }},
        {"state", [&](const auto& value) { container.state = named(states(), value); }},
        {"health", [&](const auto& value) { container.health = named(healths(), value); }},
        {"checked", [&](const auto&) { container.health_check.emplace(); }},
        {"net", [&](const auto& value) { container.network_mode = "container:" + value; }},
        {"ipc", [&](const auto& value) { container.ipc_mode = "container:" + value; }},
        {"pid", [&](const auto& value) { container.pid_mode = "container:" + value; }},
        {"joins", [&](const auto& value) { join(container, value); }},
        {"from", [&](const auto& value) { container.volumes_from.push_back(value); }},
        {"n",
         [&](const auto& value) {
           container.labels["com.docker.compose.container-number"] = value;
         }},
        {"project",
         [&](const auto& value) { container.labels["com.docker.compose.project"] = value; }},
        {"autoremove", [&](const auto&) { container.auto_remove = true; }},
        {"oneoff", [&](const auto&) { container.labels["com.docker.compose.oneoff"] = "True"; }},
        {"task", [&](const auto&) { container.labels["com.docker.swarm.task.id"] = "t"; }},
        {"helper", [&](const auto&) { container.labels["cofferdam.role"] = "helper"; }},
        {"nohash", [&](const auto&) { container.labels.erase("com.docker.compose.config-hash"); }},
        {"anonymous", [&](const auto& value) { add_anonymous(container, value); }},
        {"self", [](const auto&) {}}};
    const auto [name, value] = cut(word, '=');
    named(actions, name)(value);
  }

  void add_mount(Container& container, const std::string& text, bool writable) {
    const auto [source, destination] = cut(text, ':');
    Mount mount;
    mount.destination = destination;
    mount.writable = writable;
    if (source.starts_with('/')) {
      mount.kind = Mount::Kind::Bind;
      mount.source = source;
    } else {
      mount.kind = Mount::Kind::Volume;
      mount.driver = "local";
      mount.name = full_name(source);
      mount.source = "/var/lib/docker/volumes/" + mount.name + "/_data";
    }
    container.mounts.push_back(mount);
  }

  std::string full_name(const std::string& source) const {
    const auto& volumes = parsed_.seen.volumes;
    const bool of_project = std::any_of(volumes.begin(), volumes.end(), [&](const auto& volume) {
      return volume.name == "shop_" + source;
    });
    return of_project ? "shop_" + source : source;
  }

  void add_anonymous(Container& container, const std::string& destination) {
    dockerapi::Volume volume;
    volume.name = hex_id(1000 + parsed_.seen.volumes.size());
    volume.mountpoint = "/var/lib/docker/volumes/" + volume.name + "/_data";
    parsed_.seen.volumes.push_back(volume);
    add_mount(container, volume.name + ":" + destination, true);
  }

  // The engine names a shared namespace by the id of its owner.
  void resolve(Container& container) {
    for (auto* mode : {&container.network_mode, &container.ipc_mode, &container.pid_mode}) {
      const auto [kind, name] = cut(*mode, ':');
      for (const auto& owner : parsed_.seen.containers) {
        if (kind == "container" && owner.name == name) {
          *mode = "container:" + owner.id.value;
        }
      }
    }
  }

  Parsed parsed_;
};

}  // namespace

Parsed parse(const std::string& text) {
  return Parser().run(text);
}

compose::Stack stack_of(const std::string& text) {
  const auto parsed = parse(text);
  return compose::read_stack(parsed.seen, "shop", parsed.self);
}

std::string random_needs(std::mt19937& random, std::size_t self, std::size_t count) {
  std::string text = " needs=";
  for (std::size_t other = 0; other < count; ++other) {
    if (other != self && random() % count < 2) {
      text += "s" + std::to_string(other);
      text += random() % 2 == 0 ? ":service_started:true," : ":service_started:false,";
    }
  }
  return text;
}

}  // namespace compose_test
