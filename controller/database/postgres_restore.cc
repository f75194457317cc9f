#include "controller/database/postgres_restore.h"

#include <array>
#include <utility>

#include "controller/archive/artifact.h"
#include "controller/database/sql_text.h"
#include "controller/database/timescale.h"

namespace controller {

namespace {

constexpr unsigned kThreads = 2;
constexpr std::string_view kEmptySearchPath =
    "SELECT pg_catalog.set_config('search_path', '', false);";
// Where pg_dump writes it: far before the first object.
constexpr std::size_t kPreamble = std::size_t{16} << 10U;

std::string set_search_path(const std::string& value) {
  return "SELECT pg_catalog.set_config('search_path', " + quoted_text(value) + ", false);";
}

bool is_foundation(std::string_view kind) {
  return kind == "SCHEMA" || kind == "EXTENSION";
}

bool is_setting(std::string_view kind) {
  return kind == "ENCODING" || kind == "STDSTRINGS" || kind == "SEARCHPATH";
}

/// The archive, filtered; ends after the table of contents if its data is not wanted.
class ArchiveInput {
 public:
  ArchiveInput(const std::filesystem::path& file,
               std::function<EntryFate(const ArchiveEntry&)> fate, bool with_data)
      : source_(file, kThreads), filter_(std::move(fate)), with_data_(with_data) {}

  std::string_view next() {
    if (filter_.past_contents() && !with_data_) {
      return {};
    }
    for (auto bytes = source_.read(); !bytes.empty(); bytes = source_.read()) {
      const auto passed = filter_.filter(bytes);
      if (!passed.empty()) {
        return passed;
      }
    }
    return {};
  }

 private:
  ArtifactSource source_;
  ArchiveFilter filter_;
  bool with_data_;
};

/// SQL text, its preamble's search_path replaced.
class ScriptInput {
 public:
  ScriptInput(const std::filesystem::path& file, std::optional<std::string> search_path)
      : source_(file, kThreads), search_path_(std::move(search_path)) {}

  std::string_view next() {
    if (!search_path_) {
      return source_.read();
    }
    for (auto bytes = source_.read(); !bytes.empty() && preamble_.size() < kPreamble;
         bytes = source_.read()) {
      preamble_.append(bytes);
    }
    const auto at = preamble_.find(kEmptySearchPath);
    if (at != std::string::npos) {
      preamble_.replace(at, kEmptySearchPath.size(), set_search_path(*search_path_));
    }
    search_path_.reset();
    return preamble_;
  }

 private:
  ArtifactSource source_;
  std::optional<std::string> search_path_;
  std::string preamble_;
};

void run_to_success(PostgresServer& server, const std::vector<std::string>& command,
                    const ExecInput& input) {
  const auto outcome = server.run(command, input, [](std::string_view) {}, {});
  if (outcome.exit_code != 0) {
    throw DatabaseError(command.front() + " failed with exit code " +
                        std::to_string(outcome.exit_code) + ": " + outcome.complaints);
  }
}

void load_archive(PostgresServer& server, const LoadTask& task, RestorePhase phase) {
  ArchiveInput input(
      task.file,
      [&](const ArchiveEntry& entry) {
        auto fate = fate_of(entry, phase, server.superuser(), task.search_path.value_or(""));
        if (task.timescale && entry.description == "EXTENSION" && entry.tag == "timescaledb") {
          fate.definition = pinned_definition(*task.timescale);
        }
        return fate;
      },
      phase != RestorePhase::Foundations);
  std::vector<std::string> command = {
      "pg_restore", "--exit-on-error", "--no-password",
      "--dbname=" + server.connection_string_for(task.database, "cofferdam-restore")};
  if (!task.keep_tablespaces) {
    command.emplace_back("--no-tablespaces");
  }
  run_to_success(server, command, [&] { return input.next(); });
}

}  // namespace

EntryFate fate_of(const ArchiveEntry& entry, RestorePhase phase, bool superuser,
                  const std::string& search_path) {
  const std::string_view kind = entry.description;
  const bool exists_already = kind == "SCHEMA" && entry.tag == "public" &&
                              entry.definition.starts_with("CREATE SCHEMA public");
  const bool not_ours = kind == "COMMENT" && entry.tag.starts_with("EXTENSION ") && !superuser;
  EntryFate fate;
  if (exists_already || not_ours) {
    fate.kept = false;
  } else if (phase == RestorePhase::Foundations) {
    fate.kept = is_foundation(kind) || is_setting(kind);
  } else if (phase == RestorePhase::Rest) {
    fate.kept = !is_foundation(kind);
    if (kind == "SEARCHPATH") {
      fate.definition = set_search_path(search_path) + "\n";
    }
  }
  return fate;
}

void load_dump(PostgresServer& server, const LoadTask& task) {
  if (task.format == DumpFormat::Plain) {
    if (task.timescale) {
      // What the script says about it comes too late then, and does nothing.
      server.connect(task.database)->query(pinned_definition(*task.timescale));
      before_timescale_load(server, task.database, *task.timescale);
    }
    ScriptInput input(task.file, task.search_path);
    run_to_success(server,
                   {"psql", "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1",
                    "--dbname=" + server.connection_string_for(task.database, "cofferdam-restore")},
                   [&] { return input.next(); });
  } else if (task.search_path || task.timescale) {
    load_archive(server, task, RestorePhase::Foundations);
    if (task.timescale) {
      before_timescale_load(server, task.database, *task.timescale);
    }
    load_archive(server, task, RestorePhase::Rest);
  } else {
    load_archive(server, task, RestorePhase::Everything);
  }
}

}  // namespace controller
