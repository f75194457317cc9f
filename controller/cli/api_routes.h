// What can be asked of the API besides who may ask.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controller/access/access_file.h"
#include "controller/api/route.h"
#include "controller/api/seats.h"
#include "controller/cli/asked_commands.h"
#include "controller/cli/event_feed.h"
#include "controller/cli/settings.h"
#include "controller/cli/shared_book.h"
#include "controller/clock.h"

namespace controller {

/// What the routes work with; all outlive them.
struct ApiPlace {
  const Settings& settings;
  SharedBook& book;
  AskedCommands& commands;
  AccessFile& file;
  EventFeed& feed;
  Seats& streams;  // of events
  Seats& downloads;
  const Clock& clock;
};

/// Jobs: starting them by what is to be done, looking at them, ending them.
std::vector<Route> job_routes(const ApiPlace& place);

/// Restores and undos, each with its preview.
std::vector<Route> restore_routes(const ApiPlace& place);

/// What there is, by looking at it here or by a command that prints it.
std::vector<Route> read_routes(const ApiPlace& place);

/// Making and removing schedules.
std::vector<Route> schedule_routes(const ApiPlace& place);

/// Copies off the host, and whether what is outside can be reached.
std::vector<Route> copy_routes(const ApiPlace& place);

/// What happens: a stream of it, and the last of it.
std::vector<Route> event_routes(const ApiPlace& place);

/// Snapshots as files.
std::vector<Route> download_routes(const ApiPlace& place);

/// 202, with the id of the job that was started.
ApiAnswer started_job(const ApiPlace& place, const ApiCall& call,
                      const std::vector<std::string>& words);

/// The document that a command prints.
ApiAnswer printed_document(const ApiPlace& place, const std::vector<std::string>& words);

}  // namespace controller
