#include "controller/restore/table_restore.h"

#include "controller/restore/database_restore.h"
#include "controller/restore/restore_source.h"

namespace controller {

bool is_of_table(const RestorePlan& plan) {
  return plan.databases.size() == 1 && !plan.databases.front().table.empty();
}

RestoredTable restore_table(Setting& setting, const Manifest& manifest, const RestorePlan& plan,
                            const std::stop_token& stop) {
  const auto& planned = plan.databases.front();
  verify_source(setting, manifest, plan);
  const auto session = connect_to_server(setting, planned);
  setting.reporter.phase("restoring table " + planned.table + " of " + planned.record.service +
                         "/" + planned.record.name);
  return session->restore_table(planned.record, setting.store.directory(plan.snapshot),
                                planned.table, stop);
}

}  // namespace controller
