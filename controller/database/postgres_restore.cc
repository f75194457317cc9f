#include "controller/database/postgres_restore.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include "controller/archive/artifact.h"
#include "controller/database/archive_shares.h"
#include "controller/database/sql_text.h"
#include "controller/database/timescale.h"

namespace controller {

namespace {

// Per session: faster than any server takes rows, and each more holds frames of many MiB.
constexpr unsigned kThreads = 1;
constexpr std::string_view kApplication = "cofferdam-restore";
constexpr auto kEndAgain = std::chrono::milliseconds(100);
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

/// Which entries of an archive one run of pg_restore gets.
struct Portion {
  RestorePhase phase = RestorePhase::Everything;
  const std::set<int>* ids = nullptr;  // absent: all
  bool with_data = true;
};

/// The archive, filtered; ends after the table of contents if its data is not wanted.
class ArchiveInput {
 public:
  ArchiveInput(const std::filesystem::path& file,
               std::function<EntryFate(const ArchiveEntry&)> fate, const Portion& portion,
               std::stop_token stop)
      : source_(file, kThreads),
        filter_(std::move(fate)),
        with_data_(portion.with_data),
        stop_(std::move(stop)) {
    if (portion.ids != nullptr) {
      filter_.only_data_of(*portion.ids);
    }
  }

  std::string_view next() {
    while (!(filter_.past_contents() && !with_data_) && !filter_.done() &&
           !stop_.stop_requested()) {
      const auto bytes = source_.read();
      if (bytes.empty()) {
        break;
      }
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
  std::stop_token stop_;
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
    while (preamble_.size() < kPreamble) {
      const auto bytes = source_.read();
      if (bytes.empty()) {
        break;
      }
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

/// Returns what is to run when everything else is done.  After a stop request pg_restore gets no
/// more, which is an error to it.
std::vector<std::string> load_archive(PostgresServer& server, const LoadTask& task,
                                      const Portion& portion, const std::stop_token& stop = {}) {
  std::vector<std::string> finishing;
  const auto decide = [&](const ArchiveEntry& entry) {
    auto fate = fate_of(entry, portion.phase, server.superuser(), task.search_path.value_or(""));
    if (portion.ids != nullptr && !is_setting(entry.description)) {
      fate.kept = fate.kept && portion.ids->contains(entry.id);
    }
    if (task.timescale && entry.description == "EXTENSION" && entry.tag == "timescaledb") {
      fate.definition = pinned_definition(*task.timescale);
    } else if (fate.kept && entry.description == "EVENT TRIGGER") {
      // What follows it, materialized views among others, must not set it off.
      fate.definition = disabled_event_trigger(entry);
      finishing.push_back(event_trigger_state(entry));
    }
    return fate;
  };
  ArchiveInput input(task.file, decide, portion, stop);
  std::vector<std::string> command = {
      "pg_restore", "--exit-on-error", "--no-password",
      "--dbname=" + server.connection_string_for(task.database, std::string(kApplication))};
  if (!task.keep_tablespaces) {
    command.emplace_back("--no-tablespaces");
  }
  run_to_success(server, command,
                 [&] { return stop.stop_requested() ? std::string_view() : input.next(); });
  return finishing;
}

ArchiveShares shares_of(const LoadTask& task) {
  ArchiveShares shares(task.bytes, task.sessions);
  ArchiveTocParser toc([](const ArchiveHeader&) {},
                       [&](const ArchiveEntry& entry) { shares.add(entry); });
  ArtifactSource source(task.file, 1);
  for (auto bytes = source.read(); !bytes.empty() && !toc.done(); bytes = source.read()) {
    toc.feed(bytes);
  }
  return shares;
}

/// Ends what loads into `database`.
void end_loading(PostgresServer& server, const std::string& database) noexcept {
  try {
    server.connect_beside(database)->query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = " +
        quoted_text(database) + " AND application_name = " + quoted_text(kApplication));
  } catch (const std::exception&) {
    // Another try follows, unless they end by themselves.
  }
}

/// Every share in a session of its own.  Throws what the first failed with, once all have ended:
/// a pg_restore left behind might load into the next database of this name.
void load_shares(PostgresServer& server, const LoadTask& task, const ArchiveShares& shares) {
  std::stop_source stop;
  std::mutex mutex;
  std::condition_variable ended;
  std::exception_ptr failure;
  std::size_t running = shares.count();
  {
    std::vector<std::jthread> sessions;
    for (std::size_t number = 0; number < shares.count(); ++number) {
      sessions.emplace_back([&, number] {
        std::exception_ptr own;
        try {
          load_archive(server, task, {RestorePhase::Everything, &shares.share(number), true},
                       stop.get_token());
        } catch (...) {
          own = std::current_exception();
        }
        const std::lock_guard lock(mutex);
        if (own && !failure) {
          failure = own;
          stop.request_stop();
        }
        --running;
        ended.notify_one();
      });
    }
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return running == 0 || failure; });
    while (running > 0) {
      lock.unlock();
      end_loading(server, task.database);
      lock.lock();
      // One that was about to log in comes later.
      ended.wait_for(lock, kEndAgain, [&] { return running == 0; });
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

constexpr std::string_view kAlterEventTrigger = "\nALTER EVENT TRIGGER ";

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

std::string disabled_event_trigger(const ArchiveEntry& entry) {
  return std::string(entry.definition) + std::string(kAlterEventTrigger.substr(1)) +
         quoted_name(entry.tag) + " DISABLE;\n";
}

std::string event_trigger_state(const ArchiveEntry& entry) {
  // Only what differs from the default has a statement of its own.
  const auto own = entry.definition.rfind(kAlterEventTrigger);
  return own == std::string_view::npos
             ? std::string(kAlterEventTrigger.substr(1)) + quoted_name(entry.tag) + " ENABLE"
             : std::string(entry.definition.substr(own + 1));
}

std::vector<std::string> load_dump(PostgresServer& server, const LoadTask& task) {
  if (task.format == DumpFormat::Plain) {
    if (task.timescale) {
      // What the script says about it comes too late then, and does nothing.
      server.connect(task.database)->query(pinned_definition(*task.timescale));
      before_timescale_load(server, task.database, *task.timescale);
    }
    ScriptInput input(task.file, task.search_path);
    run_to_success(
        server,
        {"psql", "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1",
         "--dbname=" + server.connection_string_for(task.database, std::string(kApplication))},
        [&] { return input.next(); });
    return {};
  }
  if (task.search_path || task.timescale) {
    load_archive(server, task, {RestorePhase::Foundations, nullptr, false});
    if (task.timescale) {
      before_timescale_load(server, task.database, *task.timescale);
    }
    return load_archive(server, task, {RestorePhase::Rest, nullptr, true});
  }
  if (const auto shares = shares_of(task); shares.count() > 1) {
    load_archive(server, task, {RestorePhase::Everything, &shares.structure(), false});
    load_shares(server, task, shares);
    return load_archive(server, task, {RestorePhase::Everything, &shares.rest(), false});
  }
  return load_archive(server, task, {});
}

}  // namespace controller
