#include "controller/cli/point_keeper.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "controller/cli/job_keeper.h"
#include "controller/restore/rollback.h"

namespace controller {

namespace {

namespace fs = std::filesystem;

// After a rollback point could not be dropped.
constexpr std::chrono::minutes kPointPause{10};
constexpr std::uintmax_t kFullAt = 20;  // a twentieth of the disk is all that is free

/// Rollback points whose time is over, and, where the store's disk is nearly full, the oldest one.
std::vector<RollbackPoint> points_to_drop(Workplace& place) {
  const auto points = place.journal().points();
  auto over = expired(points, std::chrono::system_clock::now());
  std::error_code problem;
  const auto space = fs::space(place.settings().store, problem);
  if (over.empty() && !points.empty() && !problem && space.available < space.capacity / kFullAt) {
    over.push_back(points.back());
  }
  return over;
}

/// Somebody began to drop a point and may not have lived to finish it.
bool has_half_dropped(Workplace& place) {
  return std::ranges::any_of(place.journal().points(), &RollbackPoint::dropping);
}

}  // namespace

void PointKeeper::look(Workplace& place, Reporter& reporter) {
  if (std::chrono::steady_clock::now() < again_) {
    return;
  }
  try {
    if (has_half_dropped(place)) {
      const auto lock = place.store().lock("serve: finishing the drop of a rollback point");
      tell(reporter, place.replay());  // which removes the agents of whoever began it, too
      again_ = has_half_dropped(place) ? std::chrono::steady_clock::now() + kPointPause : again_;
    }
    for (const auto& point : points_to_drop(place)) {
      const auto lock = place.store().lock("serve: dropping a rollback point");
      reporter.phase("dropping rollback point " + point.job + " of " + point.created_at +
                     ", which was kept until " + point.expires_at);
      auto setting = place.setting();
      drop_point(setting, point);
    }
  } catch (const StoreLocked&) {
    // Somebody works; the next look tries again.
  } catch (const std::exception& error) {
    reporter.warning(std::string("a rollback point cannot be dropped now: ") + error.what());
    again_ = std::chrono::steady_clock::now() + kPointPause;
  }
}

}  // namespace controller
