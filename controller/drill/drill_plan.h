// What a drill would boot, decided before anything is done.
//
// The data come from the snapshot alone.  How a container is run (command, environment, health
// check, …) comes from the live containers of the project, since environment values are in no
// snapshot.  What could reach out of the drill is left out, and the plan says so.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/plan/policy.h"
#include "controller/snapshot/manifest.h"
#include "dockerapi/engine.h"

namespace controller {

/// The snapshot cannot be drilled here; nothing was made.
class DrillRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A throw-away volume.
struct DrillVolume {
  std::string key;   // as the snapshot or the live stack calls it; a bind mount: its path
  std::string name;  // without the drill's prefix
  std::optional<VolumeRecord> record;  // what goes into it; absent: it starts empty
  std::string reason;                  // why it starts empty
};

/// A single file that a service binds.  It gets a copy, in a throw-away volume for all of them.
struct DrillFile {
  std::string source;                  // path on the host
  std::string name;                    // in that volume
  std::optional<VolumeRecord> record;  // absent: copied from the host, as environment values are
};

/// What a service waits for before it starts.
struct DrillNeed {
  std::string service;
  compose::Condition condition = compose::Condition::Started;

  friend bool operator==(const DrillNeed&, const DrillNeed&) = default;
};

/// A file system of a container: a throw-away volume or file, by its name.
struct DrillMount {
  std::string name;
  std::string target;
  bool is_file = false;
  bool read_only = false;
  bool from_image = false;  // an empty volume takes over what the image has there
};

struct DrillService {
  std::string name;
  std::string image;  // as written, for people
  // All but name, labels, network and mounts, which the site fills in.  Its network_mode, ipc_mode
  // and pid_mode are empty, "none", or "service:NAME" of one that is booted too.
  dockerapi::ContainerSpec container;
  std::vector<DrillMount> mounts;
  std::vector<DrillNeed> needs;
  bool one_shot = false;           // it is to end by itself, with exit code 0
  std::vector<std::string> notes;  // what was left out, a sentence each
};

/// Something of the snapshot or the stack that takes no part, and why.
struct DrillOmission {
  std::string kind;  // "service", "volume"
  std::string name;
  std::string reason;
};

struct DrillDatabase {
  DatabaseRecord record;
  ServerRecord server;
};

struct DrillPlan {
  std::string snapshot;
  std::string project;  // the live one, whose containers were the model
  std::vector<DrillVolume> volumes;
  std::vector<DrillFile> files;
  std::vector<std::vector<DrillService>> levels;  // in start order
  std::vector<DrillDatabase> databases;
  std::vector<DrillOmission> omitted;
  std::vector<std::string> notes;  // broken cycles
};

/// What the plan needs to know of the engine beside the stack.
struct DrillSight {
  std::map<std::string, dockerapi::Image>
      recorded;                                  // by service: the image that the snapshot names
  std::map<std::string, dockerapi::Image> live;  // by service: the one its container runs
  std::map<std::string, dockerapi::PathStat> binds;  // by path on the host
  std::string own_image;                             // id of Cofferdam's
};

/// Looks.  Images that the engine does not have are left out.  Throws dockerapi::Error.
DrillSight look_for_drill(dockerapi::Engine& engine, const compose::Stack& stack,
                          const Manifest& manifest, const std::string& own_image);

/// Decides; `policy` says who is to take no part.  Throws DrillRefusal with all that is missing:
/// images (nothing is pulled), containers of services whose databases are in the snapshot, any
/// service to boot.
DrillPlan plan_drill(const compose::Stack& stack, const Policy& policy, const Manifest& manifest,
                     const DrillSight& sight);

/// For people; ends with a newline.
std::string to_text(const DrillPlan& plan);

}  // namespace controller
