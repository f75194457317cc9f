#include "controller/agent/protocol.h"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "controller/agent/byte_text.h"

namespace controller {
namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
using Names = std::array<std::pair<Value, const char*>, 4>;

constexpr Names<FailedMessage::Kind> kFailureKinds{
    {{FailedMessage::Kind::Failed, "failed"},
     {FailedMessage::Kind::NoSpace, "no-space"},
     {FailedMessage::Kind::Integrity, "integrity"},
     {FailedMessage::Kind::Interrupted, "interrupted"}}};

FailedMessage::Kind failure_kind(const std::string& name) {
  for (const auto& [kind, text] : kFailureKinds) {
    if (name == text) {
      return kind;
    }
  }
  throw std::invalid_argument("unknown kind of failure " + name);
}

const char* failure_name(FailedMessage::Kind kind) {
  for (const auto& [known, text] : kFailureKinds) {
    if (kind == known) {
      return text;
    }
  }
  return "failed";
}

std::string bytes(const Json& json, const char* key) {
  return bytes_from_text(json.at(key).get<std::string>());
}

std::vector<std::string> byte_list(const Json& json, const char* key) {
  std::vector<std::string> list;
  for (const auto& item : json.at(key)) {
    list.push_back(bytes_from_text(item.get<std::string>()));
  }
  return list;
}

Json text_list(const std::vector<std::string>& list) {
  Json json = Json::array();
  for (const auto& item : list) {
    json.push_back(text_from_bytes(item));
  }
  return json;
}

std::uint64_t number(const Json& json, const char* key) {
  return json.at(key).get<std::uint64_t>();
}

Json to_json(const ArtifactDigest& digest) {
  return {{"raw_bytes", digest.raw_bytes},
          {"stored_bytes", digest.stored_bytes},
          {"sha256", digest.sha256}};
}

ArtifactDigest digest_from(const Json& json) {
  return {number(json, "raw_bytes"), number(json, "stored_bytes"),
          json.at("sha256").get<std::string>()};
}

Json to_json(const CaptureTree& tree) {
  return {{"id", text_from_bytes(tree.id)},
          {"root", text_from_bytes(tree.root)},
          {"artifact", text_from_bytes(tree.artifact)},
          {"exclude", text_list(tree.exclude)},
          {"live", tree.liveness == Liveness::Live}};
}

CaptureTree capture_tree_from(const Json& json) {
  return {bytes(json, "id"), bytes(json, "root"), bytes(json, "artifact"),
          byte_list(json, "exclude"),
          json.at("live").get<bool>() ? Liveness::Live : Liveness::Still};
}

Json to_json(const CaptureFile& file) {
  return {{"source", text_from_bytes(file.source)}, {"artifact", text_from_bytes(file.artifact)}};
}

CaptureFile capture_file_from(const Json& json) {
  return {bytes(json, "source"), bytes(json, "artifact")};
}

Json to_json(const RestoreTree& tree) {
  return {{"id", text_from_bytes(tree.id)},
          {"artifact", text_from_bytes(tree.artifact)},
          {"digest", to_json(tree.digest)},
          {"entries", tree.entries},
          {"content_bytes", tree.content_bytes},
          {"in_place", tree.method == SwapMethod::InPlace},
          {"live", text_from_bytes(tree.live)},
          {"staging", text_from_bytes(tree.staging)},
          {"previous", text_from_bytes(tree.previous)}};
}

RestoreTree restore_tree_from(const Json& json) {
  return {bytes(json, "id"),
          bytes(json, "artifact"),
          digest_from(json.at("digest")),
          number(json, "entries"),
          number(json, "content_bytes"),
          json.at("in_place").get<bool>() ? SwapMethod::InPlace : SwapMethod::Exchange,
          bytes(json, "live"),
          bytes(json, "staging"),
          bytes(json, "previous")};
}

template <typename Item>
Json list_of(const std::vector<Item>& items) {
  Json json = Json::array();
  for (const auto& item : items) {
    json.push_back(to_json(item));
  }
  return json;
}

// What parse() makes of `line`, any error turned into one that quotes it.
template <typename Parse>
auto read_line(std::string_view line, const char* what, const Parse& parse) {
  static constexpr std::size_t kQuoted = 120;
  try {
    return parse(Json::parse(line));
  } catch (const std::exception& error) {
    throw std::invalid_argument(std::string("not ") + what + ": \"" +
                                text_from_bytes(line.substr(0, kQuoted)) + "\": " + error.what());
  }
}

std::string message_type(const Json& json) {
  return json.at("type").get<std::string>();
}

void expect_type(const Json& json, const char* type) {
  if (message_type(json) != type) {
    throw std::invalid_argument("its type is " + message_type(json));
  }
}

Json message_json(const ReadyMessage&) {
  return {{"type", "ready"}};
}

Json message_json(const ProgressMessage& message) {
  return {{"type", "progress"},
          {"tree", text_from_bytes(message.tree)},
          {"entries", message.progress.entries},
          {"bytes", message.progress.bytes},
          {"stored_bytes", message.progress.stored_bytes}};
}

Json message_json(const WarningMessage& message) {
  return {{"type", "warning"},
          {"tree", text_from_bytes(message.tree)},
          {"path", text_from_bytes(message.warning.path)},
          {"text", text_from_bytes(message.warning.text)}};
}

Json message_json(const MeasureMessage& message) {
  return {{"type", "measure"},
          {"tree", text_from_bytes(message.tree)},
          {"entries", message.size.entries},
          {"bytes", message.size.bytes},
          {"has_postgres_cluster", message.size.has_postgres_cluster}};
}

Json message_json(const FreeSpaceMessage& message) {
  return {{"type", "free"},
          {"tree", text_from_bytes(message.tree)},
          {"bytes", message.bytes},
          {"inodes", message.inodes},
          {"device", message.device},
          {"occupied", message.occupied},
          {"swapped", message.swapped}};
}

Json message_json(const TreeMessage& message) {
  return {{"type", "tree"},
          {"tree", text_from_bytes(message.tree)},
          {"entries", message.summary.entries},
          {"content_bytes", message.summary.content_bytes},
          {"artifact", to_json(message.summary.artifact)}};
}

Json message_json(const FileMessage& message) {
  return {{"type", "file"},
          {"file", to_json(message.file)},
          {"present", message.present},
          {"digest", to_json(message.digest)}};
}

Json message_json(const DoneMessage& message) {
  return {{"type", "done"}, {"command", text_from_bytes(message.command)}};
}

Json message_json(const FailedMessage& message) {
  return {{"type", "failed"},
          {"command", text_from_bytes(message.command)},
          {"tree", text_from_bytes(message.tree)},
          {"kind", failure_name(message.kind)},
          {"text", text_from_bytes(message.text)}};
}

ArchiveProgress progress_from(const Json& json) {
  return {number(json, "entries"), number(json, "bytes"), number(json, "stored_bytes")};
}

TreeSize tree_size_from(const Json& json) {
  return {number(json, "entries"), number(json, "bytes"),
          json.at("has_postgres_cluster").get<bool>()};
}

TreeMessage tree_message_from(const Json& json) {
  TreeMessage message;
  message.tree = bytes(json, "tree");
  message.summary.entries = number(json, "entries");
  message.summary.content_bytes = number(json, "content_bytes");
  message.summary.artifact = digest_from(json.at("artifact"));
  return message;
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one line per type of message
Message parse_message(const Json& json) {
  const std::string type = message_type(json);
  if (type == "ready") {
    return ReadyMessage{};
  }
  if (type == "progress") {
    return ProgressMessage{bytes(json, "tree"), progress_from(json)};
  }
  if (type == "warning") {
    return WarningMessage{bytes(json, "tree"), {bytes(json, "path"), bytes(json, "text")}};
  }
  if (type == "measure") {
    return MeasureMessage{bytes(json, "tree"), tree_size_from(json)};
  }
  if (type == "free") {
    return FreeSpaceMessage{
        bytes(json, "tree"),    number(json, "bytes"),           number(json, "inodes"),
        number(json, "device"), json.at("occupied").get<bool>(), json.at("swapped").get<bool>()};
  }
  if (type == "tree") {
    return tree_message_from(json);
  }
  if (type == "file") {
    return FileMessage{capture_file_from(json.at("file")), json.at("present").get<bool>(),
                       digest_from(json.at("digest"))};
  }
  if (type == "done") {
    return DoneMessage{bytes(json, "command")};
  }
  expect_type(json, "failed");
  return FailedMessage{bytes(json, "command"), bytes(json, "tree"),
                       failure_kind(json.at("kind").get<std::string>()), bytes(json, "text")};
}

}  // namespace

std::string to_line(const CaptureJob& job) {
  return Json{{"type", "capture"},
              {"job", text_from_bytes(job.job)},
              {"store", text_from_bytes(job.store)},
              {"compression", to_string(job.compression)},
              {"trees", list_of(job.trees)},
              {"files", list_of(job.files)}}
      .dump();
}

std::string to_line(const RestoreJob& job) {
  return Json{{"type", "restore"}, {"job", text_from_bytes(job.job)}, {"trees", list_of(job.trees)}}
      .dump();
}

std::string to_line(const Command& command) {
  return Json{{"type", "command"},
              {"name", text_from_bytes(command.name)},
              {"trees", text_list(command.trees)}}
      .dump();
}

std::string to_line(const Message& message) {
  return std::visit([](const auto& held) { return message_json(held).dump(); }, message);
}

CaptureJob capture_job_from(std::string_view line) {
  return read_line(line, "a capture job", [](const Json& json) {
    expect_type(json, "capture");
    CaptureJob job{bytes(json, "job"),
                   bytes(json, "store"),
                   parse_compression(json.at("compression").get<std::string>()),
                   {},
                   {}};
    for (const auto& tree : json.at("trees")) {
      job.trees.push_back(capture_tree_from(tree));
    }
    for (const auto& file : json.at("files")) {
      job.files.push_back(capture_file_from(file));
    }
    return job;
  });
}

RestoreJob restore_job_from(std::string_view line) {
  return read_line(line, "a restore job", [](const Json& json) {
    expect_type(json, "restore");
    RestoreJob job{bytes(json, "job"), {}};
    for (const auto& tree : json.at("trees")) {
      job.trees.push_back(restore_tree_from(tree));
    }
    return job;
  });
}

Command command_from(std::string_view line) {
  return read_line(line, "a command", [](const Json& json) {
    expect_type(json, "command");
    return Command{bytes(json, "name"), byte_list(json, "trees")};
  });
}

Message message_from(std::string_view line) {
  return read_line(line, "a message of an agent",
                   [](const Json& json) { return parse_message(json); });
}

}  // namespace controller
