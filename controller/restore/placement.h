// Where the parts of a snapshot go on this host.
#pragma once

#include "controller/restore/restore_plan.h"

namespace controller {

/// The place of one volume.  Throws RestoreRefusal if it has none and none can be made.
PlannedVolumeRestore place_volume(const compose::Observation& seen, const compose::Stack& stack,
                                  const Manifest& manifest, const RestoreRequest& request,
                                  const VolumeRecord& record);

/// The place of one database: its service's running server.  Throws RestoreRefusal if there is
/// none.
PlannedDatabaseRestore place_database(const compose::Stack& stack, const Manifest& manifest,
                                      const RestoreRequest& request, const DatabaseRecord& record);

/// The container of a service's running server.  Throws RestoreRefusal that names `database`.
dockerapi::ContainerId running_server(const compose::Stack& stack, const std::string& service,
                                      const std::string& database);

/// Volumes of this kind are exchanged as a whole; others are replaced where they are.
bool exchangeable(const std::string& driver, const std::map<std::string, std::string>& options);

}  // namespace controller
