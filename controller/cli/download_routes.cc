#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

#include "controller/api/http_status.h"
#include "controller/api/problem.h"
#include "controller/cli/api_routes.h"
#include "controller/snapshot/snapshot_store.h"
#include "controller/snapshot/snapshot_stream.h"

namespace controller {

namespace {

constexpr std::chrono::seconds kLookInterval{5};
constexpr const char* kBytes = "application/octet-stream";

/// The name under which a browser keeps it; names of snapshots and their files are plain ASCII or
/// escaped as RFC 8187 has it.
std::string attachment(const std::string& name) {
  std::string plain;
  std::string escaped;
  for (const char one : name) {
    const bool simple = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') ||
                        (one >= '0' && one <= '9') || one == '.' || one == '-' || one == '_';
    const auto byte = static_cast<unsigned char>(one);
    const char* const digits = "0123456789ABCDEF";
    plain += simple ? one : '_';
    escaped +=
        simple ? std::string(1, one) : std::string("%") + digits[byte >> 4U] + digits[byte & 15U];
  }
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + escaped;
}

/// Writes for as long as whoever asked is let in.
BodyWriter while_allowed(const BodyWriter& write, const std::function<bool()>& still_allowed,
                         const Clock& clock) {
  return [&write, &still_allowed, &clock,
          next = clock.steady() + kLookInterval](std::string_view bytes) mutable {
    if (clock.steady() >= next) {
      if (!still_allowed()) {
        return false;
      }
      next = clock.steady() + kLookInterval;
    }
    return write(bytes);
  };
}

ApiAnswer download(const ApiPlace& place, const ApiCall& call, const std::string& type,
                   const std::string& name, SnapshotStream stream) {
  auto seat = place.downloads.take();
  if (!seat) {
    throw ApiProblem(http_status::kUnavailable, "too-many-streams", "8 downloads go on already",
                     {{"Retry-After", "30"}});
  }
  ApiAnswer answer;
  answer.type = type;
  answer.headers.emplace_back("Content-Disposition", attachment(name));
  auto& content = answer.content.emplace();
  content.length = stream.bytes();
  content.digest = stream.digest();
  content.send = [seat = std::move(seat), still_allowed = call.still_allowed, &clock = place.clock,
                  stream = std::make_shared<SnapshotStream>(std::move(stream))](
                     auto offset, auto length, const BodyWriter& write) {
    return stream->send(offset, length, while_allowed(write, still_allowed, clock));
  };
  return answer;
}

ApiAnswer download_all(const ApiPlace& place, const ApiCall& call) {
  const auto& name = call.parameter("name");
  const auto store = open_directory_store(place.settings.store);
  return download(place, call, "application/x-tar", name + ".tar",
                  SnapshotStream::of_all(store->directory(name)));
}

ApiAnswer download_file(const ApiPlace& place, const ApiCall& call) {
  const auto& path = call.query.text("path");
  const auto store = open_directory_store(place.settings.store);
  const auto directory = store->directory(call.parameter("name"));
  try {
    return download(place, call, kBytes, path.substr(path.rfind('/') + 1),
                    SnapshotStream::of_file(directory, path));
  } catch (const std::out_of_range& error) {
    throw ApiProblem(http_status::kNotFound, "not-found", error.what());
  }
}

}  // namespace

std::vector<Route> download_routes(const ApiPlace& place) {
  return {{"GET",
           "/api/v1/snapshots/{name}/archive",
           Scope::Restore,
           "downloadSnapshot",
           "All files of a snapshot as one tar",
           {},
           {},
           200,
           "application/x-tar",
           "download",
           [place](const ApiCall& call) { return download_all(place, call); }},
          {"GET",
           "/api/v1/snapshots/{name}/file",
           Scope::Restore,
           "downloadFile",
           "One file of a snapshot",
           {{"path", FieldKind::Text, true, "its path, as the manifest has it"}},
           {},
           200,
           kBytes,
           "download",
           [place](const ApiCall& call) { return download_file(place, call); }}};
}

}  // namespace controller
