// What a snapshot is: everything a restore needs to know and everything a verify can check.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// The text is not a manifest, or one of a newer format than this program knows.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How a run ended.  Degraded is never success.
enum class Status { Success, Degraded, Failed, Cancelled, Interrupted };
std::string_view to_string(Status status);

/// How consistent one component is: Quiesced (its producers were stopped), Dumped (one database
/// snapshot), Paused, Live.
enum class Grade { Quiesced, Dumped, Paused, Live };
std::string_view to_string(Grade grade);

/// One stored file, its path relative to the snapshot's directory.
struct Artifact {
  std::string path;
  std::uint64_t bytes = 0;      // stored
  std::uint64_t raw_bytes = 0;  // before compression
  std::string sha256;           // of the stored bytes

  friend bool operator==(const Artifact&, const Artifact&) = default;
};

struct ServiceRecord {
  std::string name;
  std::string image;                              // as written
  std::string image_id;                           // sha256:…
  std::vector<std::string> image_digests;         // repo@sha256:…
  std::string version;                            // where cofferdam.version says; empty if unknown
  std::vector<std::string> environment;           // names only, never values
  std::map<std::string, std::string> depends_on;  // service -> condition
  double downtime_seconds = 0;
  int replicas = 0;

  friend bool operator==(const ServiceRecord&, const ServiceRecord&) = default;
};

struct VolumeRecord {
  std::string key;   // the Compose key; of a bind mount: its host path
  std::string kind;  // "named", "external", "anonymous", "bind", "plugin"
  std::string name;  // the resolved name on the host; of a bind mount: its host path
  std::string driver;
  std::map<std::string, std::string> options;  // passwords in them masked
  std::map<std::string, std::string> labels;
  std::vector<std::string> services;  // the producers
  std::string service;                // anonymous: whose it is
  std::string destination;            // anonymous: where it is mounted
  std::string mode;                   // "stop", "pause", "live"
  Grade grade = Grade::Quiesced;
  std::vector<std::string> excluded;
  std::uint64_t entries = 0;
  std::uint64_t content_bytes = 0;
  Artifact artifact;
  std::vector<std::string> warnings;

  friend bool operator==(const VolumeRecord&, const VolumeRecord&) = default;
};

/// Addresses of a network; what is empty was left to the engine.
struct AddressPoolRecord {
  std::string subnet;
  std::string gateway;
  std::string ip_range;

  friend bool operator==(const AddressPoolRecord&, const AddressPoolRecord&) = default;
};

/// A network of the project, or one of others that it uses.  Nothing of it is stored but this.
struct NetworkRecord {
  std::string key;        // the Compose key; of an external one its name
  std::string name;       // the resolved name on the host
  bool external = false;  // not made by Compose for this project
  std::string driver;
  std::string scope;  // "local", "global", "swarm"
  bool internal = false;
  bool attachable = false;
  bool enable_ipv6 = false;
  std::map<std::string, std::string> options;  // passwords in them masked
  std::map<std::string, std::string> labels;
  std::string ipam_driver;
  std::vector<AddressPoolRecord> pools;
  std::vector<std::string> services;  // connected to it

  friend bool operator==(const NetworkRecord&, const NetworkRecord&) = default;
};

/// One table as its snapshot showed it.  `checksum`: sum of the hashes of its COPY lines.
struct TableRecord {
  std::string schema;
  std::string name;
  std::uint64_t rows = 0;
  std::string checksum;                     // 16 hex digits
  std::optional<std::uint64_t> bytes = {};  // of its rows in the dump; absent: not known

  friend bool operator==(const TableRecord&, const TableRecord&) = default;
};

struct ExtensionRecord {
  std::string name;
  std::string version;
  std::string schema;

  friend bool operator==(const ExtensionRecord&, const ExtensionRecord&) = default;
};

struct DatabaseRecord {
  std::string engine;  // "postgres"
  std::string service;
  std::string volume;  // Compose key of the volume that holds its files
  std::string name;
  std::string server_version;     // "15.8"
  int server_version_number = 0;  // 150008
  std::string dump_tool_version;
  std::string encoding;
  std::string collation;
  std::string character_type;
  std::string locale_provider;  // "libc", "icu"
  std::string locale;           // ICU's, if any
  std::string collation_version;
  std::string owner;
  std::string snapshot_id;
  std::string taken_at;  // the server's clock at the snapshot
  std::string format;    // "custom" or "plain"
  std::string schema_sha256;
  std::uint64_t size_bytes = 0;  // on the server
  std::uint64_t large_objects = 0;
  std::vector<ExtensionRecord> extensions;
  std::vector<std::string> roles;  // names it needs
  std::vector<TableRecord> tables;
  std::string
      properties;  // JSON of the driver: owner, acl, settings, comment, …; re-applied at restore
  Grade grade = Grade::Dumped;
  Artifact artifact;
  std::vector<std::string> warnings;

  friend bool operator==(const DatabaseRecord&, const DatabaseRecord&) = default;
};

/// What a whole database server had beside its databases.
struct ServerRecord {
  std::string engine;
  std::string service;
  std::string roles;                // JSON of the driver; without passwords
  std::optional<Artifact> globals;  // for recovery by hand

  friend bool operator==(const ServerRecord&, const ServerRecord&) = default;
};

/// Something the project has that is in no artifact, and why.
struct UncoveredRecord {
  std::string what;    // "volume nominatim", "bind /srv/conf"
  std::string reason;  // "not labelled cofferdam.backup"

  friend bool operator==(const UncoveredRecord&, const UncoveredRecord&) = default;
};

/// A snapshot without a manifest does not exist: the manifest is written last.
struct Manifest {
  static constexpr int kFormat = 1;  // raise when an old reader would misread a new file

  std::string name;
  std::string project;
  std::string created_at;  // RFC 3339 UTC: when the data was this
  std::string finished_at;
  Status status = Status::Success;
  std::vector<std::string> reasons;  // why it is degraded
  std::string cofferdam_version;
  std::string engine_version;
  std::string engine_api;
  std::string architecture;
  std::string hostname;
  std::string platform_version;
  std::string working_directory;
  std::vector<std::string> config_files;
  double outage_seconds = 0;  // the longest any service was down
  double duration_seconds = 0;

  std::vector<ServiceRecord> services;
  std::vector<VolumeRecord> volumes;
  std::vector<NetworkRecord> networks;  // none in the file of a version that did not record them
  std::vector<DatabaseRecord> databases;
  std::vector<ServerRecord> servers;
  std::vector<Artifact> definition;
  std::vector<UncoveredRecord> uncovered;
  std::optional<Artifact> recovery;  // RECOVERY.txt; set by SnapshotDraft::commit()

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// Every file the manifest vouches for, RECOVERY.txt excepted.
std::vector<Artifact> artifacts(const Manifest& manifest);

/// Every file that a snapshot has beside manifest.json, RECOVERY.txt first.
std::vector<Artifact> files_of(const Manifest& manifest);

/// Total size of the stored files.
std::uint64_t stored_bytes(const Manifest& manifest);

/// The text of manifest.json.  Its last member is the SHA-256 of all lines above the last two, so
/// that no byte of it can change unnoticed: docs/snapshot-format.md.
std::string to_json(const Manifest& manifest);

/// Throws FormatError, which names the field, if `json` is not a manifest, is damaged, or its
/// format is newer than kFormat.  Unknown fields are ignored.
Manifest manifest_from_json(std::string_view json);

}  // namespace controller
