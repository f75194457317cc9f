#include "controller/snapshot/directory_draft.h"

#include <sys/stat.h>

#include <cerrno>
#include <exception>

#include "controller/archive/artifact.h"
#include "controller/archive/sha256.h"
#include "controller/archive/stored_file.h"
#include "controller/archive/system_call.h"
#include "controller/snapshot/artifact_path.h"
#include "controller/snapshot/recovery_text.h"
#include "controller/snapshot/store_files.h"

namespace controller {
namespace {

[[noreturn]] void throw_taken(const std::string& name) {
  throw SnapshotExists("a snapshot named " + name + " exists already");
}

void check_path(const std::string& path) {
  if (!valid_artifact_path(path)) {
    throw std::invalid_argument("\"" + path + "\" is no path below a snapshot");
  }
}

class DirectoryDraft : public SnapshotDraft {
 public:
  DirectoryDraft(std::filesystem::path root, std::string name)
      : root_(std::move(root)), name_(std::move(name)), path_(root_ / partial_name(name_)) {}
  DirectoryDraft(const DirectoryDraft&) = delete;
  DirectoryDraft& operator=(const DirectoryDraft&) = delete;
  ~DirectoryDraft() override;

  [[nodiscard]] std::filesystem::path directory() const override { return path_; }
  Artifact add_text(const std::string& path, std::string_view text) override;
  void make_folder(const std::string& path) override;
  void commit(const Manifest& manifest) override;
  void commit_as(const std::string& manifest_json) override;

 private:
  void check_name(const Manifest& manifest) const;
  void check_artifacts(const Manifest& manifest) const;
  void check_digest(const Artifact& file) const;
  void seal(const std::string& manifest_json);
  void publish();

  std::filesystem::path root_;
  std::string name_;
  std::filesystem::path path_;
  bool committed_ = false;
};

DirectoryDraft::~DirectoryDraft() {
  if (committed_) {
    return;
  }
  try {
    remove_tree(open_directory(root_), partial_name(name_), path_);
  } catch (const std::exception&) {
    // What is left is no snapshot, and the next sweep removes it.
  }
}

void DirectoryDraft::make_folder(const std::string& path) {
  check_path(path);
  std::filesystem::path folder = path_;
  for (const auto& component : std::filesystem::path(path)) {
    folder /= component;
    make_directory(folder);
  }
}

Artifact DirectoryDraft::add_text(const std::string& path, std::string_view text) {
  check_path(path);
  if (const auto slash = path.rfind('/'); slash != std::string::npos) {
    make_folder(path.substr(0, slash));
  }
  StoredFile file(path_ / path);
  file.write(text);
  return {path, text.size(), text.size(), file.finish()};
}

void DirectoryDraft::check_artifacts(const Manifest& manifest) const {
  const auto directory = open_directory(path_);
  for (const auto& artifact : artifacts(manifest)) {
    check_path(artifact.path);
    const auto shown = path_ / artifact.path;
    const auto bytes = size_of(open_file_below(directory, artifact.path, shown), shown);
    if (bytes != artifact.bytes) {
      throw std::runtime_error("cannot commit snapshot " + name_ + ": " + artifact.path + " has " +
                               std::to_string(bytes) + " bytes, not " +
                               std::to_string(artifact.bytes));
    }
  }
}

/// The rename is what makes the snapshot exist.  If it cannot be made durable it is taken back.
void DirectoryDraft::publish() {
  const auto root = open_directory(root_);
  if (!rename_in(root, partial_name(name_), name_, path_)) {
    throw_taken(name_);
  }
  try {
    sync(root, root_);
  } catch (...) {
    rename_in(root, name_, partial_name(name_), root_ / name_);
    throw;
  }
}

void DirectoryDraft::check_name(const Manifest& manifest) const {
  if (manifest.name != name_) {
    throw std::invalid_argument("the manifest is of snapshot \"" + manifest.name + "\", not of " +
                                name_);
  }
}

void DirectoryDraft::check_digest(const Artifact& file) const {
  constexpr std::size_t kPiece = std::size_t{1} << 20U;
  check_path(file.path);
  const auto shown = path_ / file.path;
  const auto opened = open_file_below(open_directory(path_), file.path, shown);
  Sha256 digest;
  std::string piece;
  do {
    piece = read_start(opened, kPiece, shown);  // goes on where it ended
    digest.add(piece);
  } while (!piece.empty());
  if (digest.hex() != file.sha256) {
    throw IntegrityError("cannot commit snapshot " + name_ + ": " + file.path +
                         " is not what its manifest says");
  }
}

void DirectoryDraft::seal(const std::string& manifest_json) {
  // The manifest comes to a directory that is on the disk already.
  sync_tree(open_directory(path_), path_);
  add_text("manifest.json", manifest_json);
  sync(open_directory(path_), path_);
  publish();
  committed_ = true;
}

void DirectoryDraft::commit_as(const std::string& manifest_json) {
  const auto manifest = manifest_from_json(manifest_json);
  check_name(manifest);
  check_artifacts(manifest);
  for (const auto& file : artifacts(manifest)) {
    check_digest(file);
  }
  if (manifest.recovery) {
    check_digest(*manifest.recovery);
  }
  seal(manifest_json);
}

void DirectoryDraft::commit(const Manifest& manifest) {
  check_name(manifest);
  check_artifacts(manifest);
  Manifest sealed = manifest;
  sealed.recovery = add_text("RECOVERY.txt", recovery_text(manifest));
  const std::string json = to_json(sealed);
  if (manifest_from_json(json) != sealed) {
    throw std::logic_error("the manifest of " + name_ + " does not read back as what it was");
  }
  seal(json);
}

}  // namespace

std::string partial_name(const std::string& name) {
  return "." + name + ".partial";
}

std::string trash_name(const std::string& name) {
  return "." + name + ".trash";
}

std::unique_ptr<SnapshotDraft> begin_draft(const std::filesystem::path& root,
                                           const std::string& name) {
  if (kind_of(open_directory(root), name, root / name) != EntryKind::Absent) {
    throw_taken(name);
  }
  const auto path = root / partial_name(name);
  if (::mkdir(path.c_str(), S_IRWXU) != 0) {
    if (errno == EEXIST) {
      throw SnapshotExists("a snapshot named " + name + " is being written: " + path.string());
    }
    throw_errno("make directory", path);
  }
  return std::make_unique<DirectoryDraft>(root, name);
}

}  // namespace controller
