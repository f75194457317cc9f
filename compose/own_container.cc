// Finding ourselves among the containers of an engine (engine.md 1.10).
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fstream>
#include <random>
#include <regex>
#include <set>
#include <sstream>

#include "compose/observe.h"

namespace compose {

namespace {

using dockerapi::Container;
using dockerapi::ContainerId;

std::string contents_of(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct MountLine {
  std::string root;   // within the mounted file system
  std::string point;  // where we see it
  std::string options;
};

std::vector<MountLine> parse_mount_table(const std::string& table) {
  std::vector<MountLine> lines;
  std::istringstream rest(table);
  for (std::string text; std::getline(rest, text);) {
    std::istringstream fields(text);
    std::string skipped;
    MountLine line;
    fields >> skipped >> skipped >> skipped >> line.root >> line.point;
    std::getline(fields, line.options);
    if (!line.point.empty()) {
      lines.push_back(line);
    }
  }
  return lines;
}

bool lies_below(const std::string& path, const std::string& directory) {
  return path == directory || directory == "/" || path.starts_with(directory + "/");
}

std::string upper_directory(const std::vector<MountLine>& mounts) {
  static const std::regex upper(R"((?:^|[ ,])upperdir=([^, ]+))");
  for (const auto& mount : mounts) {
    std::smatch found;
    if (mount.point == "/" && std::regex_search(mount.options, found, upper)) {
      return found[1];
    }
  }
  return {};
}

/// Ids that /proc and the host name suggest, likeliest first.
std::vector<std::string> suggestions(const OwnProcess& process) {
  static const std::regex file(R"(/(?:containers|overlay-containers)/([0-9a-f]{64})/)");
  static const std::regex cgroup_id("[0-9a-f]{64}");
  static const std::regex short_id("[0-9a-f]{12}");
  std::vector<std::string> ids;
  for (const auto& mount : parse_mount_table(process.mount_table)) {
    std::smatch found;
    const bool own_file = mount.point == "/etc/hostname" || mount.point == "/etc/resolv.conf" ||
                          mount.point == "/etc/hosts";
    if (own_file && std::regex_search(mount.root, found, file)) {
      ids.push_back(found[1]);
    }
  }
  const std::string& cgroups = process.cgroups;
  for (std::sregex_iterator id(cgroups.begin(), cgroups.end(), cgroup_id), end; id != end; ++id) {
    ids.push_back(id->str());
  }
  if (std::regex_match(process.hostname, short_id)) {
    ids.push_back(process.hostname);
  }
  return ids;
}

/// Live containers, suggested ones first.
std::vector<Container> candidates(dockerapi::Engine& engine, const OwnProcess& process) {
  auto containers = engine.containers({});
  std::erase_if(containers, [](const auto& container) { return !dockerapi::alive(container); });
  const auto ids = suggestions(process);
  const auto rank = [&](const Container& container) {
    return std::find_if(ids.begin(), ids.end(),
                        [&](const auto& id) { return container.id.value.starts_with(id); }) -
           ids.begin();
  };
  std::stable_sort(containers.begin(), containers.end(),
                   [&](const auto& one, const auto& other) { return rank(one) < rank(other); });
  return containers;
}

/// A file elsewhere proves nothing: a volume may be mounted by others too.
bool is_on_root(const std::string& directory, const std::vector<MountLine>& mounts) {
  return std::none_of(mounts.begin(), mounts.end(), [&](const auto& line) {
    return line.point != "/" && lies_below(directory, line.point);
  });
}

/// A file with a name nobody can guess, for as long as the object lives.
class Nonce {
 public:
  explicit Nonce(const std::string& directory) {
    std::random_device random;
    path_ = directory + "/.cofferdam-";
    for (int word = 0; word < 4; ++word) {
      std::array<char, 8> digits{};
      const auto end = std::to_chars(digits.begin(), digits.end(), random(), 16).ptr;
      path_.append(digits.begin(), end);
    }
    const int file =
        ::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    made_ = file >= 0;
    if (made_) {
      ::close(file);
    }
  }
  Nonce(const Nonce&) = delete;
  Nonce& operator=(const Nonce&) = delete;
  ~Nonce() {
    if (made_) {
      ::unlink(path_.c_str());
    }
  }

  [[nodiscard]] bool made() const { return made_; }

  bool lies_in(dockerapi::Engine& engine, const ContainerId& id) const {
    return engine.stat_path(id, path_).has_value();
  }

 private:
  std::string path_;
  bool made_ = false;
};

/// True for what every container sees mounted, whatever was asked for.
bool is_of_the_engine(const MountLine& line) {
  static constexpr std::array<std::string_view, 3> kFiles = {"/etc/hostname", "/etc/resolv.conf",
                                                             "/etc/hosts"};
  static constexpr std::array<std::string_view, 3> kTrees = {"/proc", "/sys", "/dev"};
  const auto below = [&](const auto& tree) { return lies_below(line.point, std::string(tree)); };
  return line.point == "/" || std::count(kFiles.begin(), kFiles.end(), line.point) > 0 ||
         std::any_of(kTrees.begin(), kTrees.end(), below) ||
         line.options.find(" - tmpfs ") != std::string::npos;
}

/// True if we see mounted what the container has mounted, and nothing else.
bool has_our_mounts(const Container& container, const std::vector<MountLine>& mounts) {
  const auto seen = [&](const dockerapi::Mount& wanted) {
    return wanted.kind == dockerapi::Mount::Kind::Tmpfs ||
           std::any_of(mounts.begin(), mounts.end(), [&](const auto& line) {
             // `root` is a path in the source's file system, the source one on the host.
             return line.point == wanted.destination && wanted.source.ends_with(line.root);
           });
  };
  const auto asked_for = [&](const MountLine& line) {
    return is_of_the_engine(line) ||
           std::any_of(container.mounts.begin(), container.mounts.end(), [&](const auto& mount) {
             return lies_below(line.point, mount.destination);
           });
  };
  return !container.mounts.empty() &&
         std::all_of(container.mounts.begin(), container.mounts.end(), seen) &&
         std::all_of(mounts.begin(), mounts.end(), asked_for);
}

/// Seconds since 1970 of an RFC 3339 time in UTC; 0 if it is none.
std::int64_t seconds_of(const std::string& time) {
  std::tm parts{};
  std::istringstream text(time);
  char separator = 0;
  text >> parts.tm_year >> separator >> parts.tm_mon >> separator >> parts.tm_mday >> separator >>
      parts.tm_hour >> separator >> parts.tm_min >> separator >> parts.tm_sec;
  if (!text) {
    return 0;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return ::timegm(&parts);
}

bool started_with_us(const Container& container, const OwnProcess& process) {
  constexpr std::int64_t kTolerance = 5;  // start and first process are not the same instant
  const auto started = seconds_of(container.started_at);
  return process.started_at != 0 && started != 0 &&
         std::abs(started - process.started_at) <= kTolerance;
}

/// The only one that has our mounts; of several, the only one that started when we did.
std::optional<Container> only_match(std::vector<Container> containers, const OwnProcess& process,
                                    const std::vector<MountLine>& mounts) {
  std::erase_if(containers,
                [&](const auto& container) { return !has_our_mounts(container, mounts); });
  if (containers.size() > 1) {
    std::erase_if(containers,
                  [&](const auto& container) { return !started_with_us(container, process); });
  }
  return containers.size() == 1 ? std::optional(containers.front()) : std::nullopt;
}

/// When process 1 started: clock ticks since the boot, which /proc/stat dates.
std::int64_t start_of_first_process() {
  std::istringstream system(contents_of("/proc/stat"));
  std::int64_t boot = 0;
  for (std::string line; std::getline(system, line);) {
    if (line.starts_with("btime ")) {
      boot = std::strtoll(line.c_str() + 6, nullptr, 10);
    }
  }
  // The name, in parentheses, may hold anything; the 22nd field is the 20th after it.
  const std::string first = contents_of("/proc/1/stat");
  const auto name_end = first.rfind(')');
  if (boot == 0 || name_end == std::string::npos) {
    return 0;
  }
  std::istringstream fields(first.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) {
    fields >> field;
  }
  return boot + std::strtoll(field.c_str(), nullptr, 10) / ::sysconf(_SC_CLK_TCK);
}

}  // namespace

OwnProcess own_process() {
  OwnProcess process;
  process.mount_table = contents_of("/proc/self/mountinfo");
  process.cgroups = contents_of("/proc/self/cgroup");
  process.started_at = start_of_first_process();
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0) {
    process.hostname = name.data();
  }
  return process;
}

std::optional<Container> find_self(dockerapi::Engine& engine, const OwnProcess& process) {
  const auto mounts = parse_mount_table(process.mount_table);
  const auto upper = upper_directory(mounts);
  auto open = candidates(engine, process);
  if (!upper.empty()) {
    for (const auto& container : open) {
      if (container.upper_directory == upper) {
        return container;
      }
    }
    // One whose overlay directory is known and another one is not us.
    std::erase_if(open, [](const auto& container) { return !container.upper_directory.empty(); });
  }
  if (is_on_root(process.scratch, mounts)) {
    const Nonce nonce(process.scratch);
    for (const auto& container : open) {
      if (nonce.made() && nonce.lies_in(engine, container.id)) {
        return container;
      }
    }
  }
  return only_match(std::move(open), process, mounts);
}

}  // namespace compose
