#include "tests/controller/snapshot/full_snapshot.h"

#include "controller/archive/volume_archive.h"

namespace controller {

namespace {

constexpr std::string_view kDump = "the rows of a database\n";

Artifact stored(SnapshotDraft& draft, const std::string& path, std::string_view text) {
  ArtifactSink sink(draft.directory() / path, {}, 1);
  sink.write(text);
  const auto digest = sink.close();
  return {path, digest.stored_bytes, digest.raw_bytes, digest.sha256};
}

VolumeRecord archived(SnapshotDraft& draft, const std::filesystem::path& tree,
                      const std::string& name) {
  ArchiveRequest request;
  request.root = tree;
  request.artifact = draft.directory() / "volumes/data.tar.zst";
  const auto summary = archive_volume(request, {}, {});
  VolumeRecord record;
  record.key = "data";
  record.kind = "named";
  record.name = name;
  record.driver = "local";
  record.labels = {{"it's", "a $(label) with\nall `kinds`\xFF"}};
  record.services = {"api"};
  record.mode = "stop";
  record.entries = summary.entries;
  record.content_bytes = summary.content_bytes;
  record.artifact = {"volumes/data.tar.zst", summary.artifact.stored_bytes,
                     summary.artifact.raw_bytes, summary.artifact.sha256};
  return record;
}

DatabaseRecord dumped(SnapshotDraft& draft) {
  DatabaseRecord record;
  record.engine = "postgres";
  record.service = "db";
  record.name = "o'app=\"x\" y";
  record.server_version = "15.8";
  record.encoding = "UTF8";
  record.collation = "C";
  record.character_type = "C.UTF-8";
  record.owner = "sh op";
  record.format = "custom";
  record.artifact = stored(draft, "databases/db/app.dump.zst", kDump);
  return record;
}

}  // namespace

Manifest write_full_snapshot(SnapshotStore& store, const std::filesystem::path& tree,
                             const std::string& volume) {
  const auto draft = store.begin("full");
  draft->make_folder("volumes");
  draft->make_folder("databases/db");
  Manifest manifest;
  manifest.name = "full";
  manifest.project = volume;
  manifest.created_at = "2026-11-20T02:00:00Z";
  manifest.volumes = {archived(*draft, tree, volume)};
  manifest.databases = {dumped(*draft)};
  manifest.servers = {{"postgres", "db", "[]",
                       stored(*draft, "databases/db/globals.sql.zst", "CREATE ROLE shop;\n")}};
  manifest.definition = {draft->add_text("definition/compose.yml", "services: {}\n")};
  draft->commit(manifest);
  return store.manifest("full");
}

std::vector<Finding> read_example_dump(const DatabaseRecord& record,
                                       const std::filesystem::path& file) {
  try {
    ArtifactSource source(file, 1);
    std::string text;
    for (auto piece = source.read(); !piece.empty(); piece = source.read()) {
      text += piece;
    }
    if (text != kDump) {
      return {{record.artifact.path, "has other rows"}};
    }
  } catch (const IntegrityError& error) {
    return {{record.artifact.path, error.what()}};
  }
  return {};
}

}  // namespace controller
