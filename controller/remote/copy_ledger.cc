#include "controller/remote/copy_ledger.h"

#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>

#include "controller/archive/system_call.h"
#include "controller/snapshot/store_files.h"

namespace controller {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLargest = 64U << 20U;

/// "NAME.ID.json"
std::string file_of(const MadeCopy& copy) {
  const auto place = fs::path(copy.folder).parent_path();
  return place.parent_path().filename().string() + "." + place.filename().string() + ".json";
}

/// Absent: of another bucket, or not readable; what nobody can tell is not removed.
std::optional<MadeCopy> copy_from(const std::string& text, const std::string& where) {
  const auto json = Json::parse(text, nullptr, false);
  try {
    if (json.is_object() && json.at("where") == where) {
      return MadeCopy{json.at("folder"), json.at("going").get<std::vector<std::string>>()};
    }
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

CopyLedger::CopyLedger(fs::path folder, std::string where)
    : folder_(std::move(folder)), where_(std::move(where)) {
  make_directory(folder_);
  sync(open_directory(folder_.parent_path()), folder_.parent_path());
}

std::vector<MadeCopy> CopyLedger::all() const {
  std::vector<MadeCopy> copies;
  const auto folder = open_directory(folder_);
  for (const auto& name : names_in(folder, folder_)) {
    const auto path = folder_ / name;
    if (name.starts_with('.') || kind_of(folder, name, path) != EntryKind::File) {
      continue;
    }
    const auto text = read_all(open_file_below(folder, name, path), kLargest, path);
    if (auto copy = copy_from(text, where_)) {
      copies.push_back(std::move(*copy));
    }
  }
  return copies;
}

void CopyLedger::write(const MadeCopy& copy) const {
  const Json json = {{"where", where_}, {"folder", copy.folder}, {"going", copy.going}};
  replace_file(folder_, file_of(copy),
               json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void CopyLedger::strike(const MadeCopy& copy) const {
  const auto path = folder_ / file_of(copy);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    throw_errno("remove", path);
  }
  sync(open_directory(folder_), folder_);
}

}  // namespace controller
