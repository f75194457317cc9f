#include "controller/retention/retention_rules.h"

#include <array>
#include <utility>

namespace controller {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::sys_seconds;
using std::chrono::weekday;
using std::chrono::year_month_day;

/// What one bucket's snapshots have in common.
using Bucket = std::pair<std::int64_t, std::int64_t>;
using BucketOf = std::function<std::optional<Bucket>(sys_seconds)>;
using Kept = std::vector<std::vector<std::string>>;

struct BucketRule {
  std::string name;
  int count;
  BucketOf bucket;
};

local_days day_of(local_seconds time) {
  return std::chrono::floor<days>(time);
}

/// The last day of the week that `day` is in.
local_days week_end(local_days day, weekday last) {
  return day + (last - weekday(day));
}

/// The hour that clocks repeat when they are set back is two hours.
BucketOf hours_of(const LocalClock& local) {
  return [&local](sys_seconds time) -> std::optional<Bucket> {
    const auto shown = local(time);
    const auto hour = std::chrono::floor<std::chrono::hours>(shown);
    return Bucket{hour.time_since_epoch().count(),
                  (shown.time_since_epoch() - time.time_since_epoch()).count()};
  };
}

BucketOf days_of(const LocalClock& local) {
  return [&local](sys_seconds time) -> std::optional<Bucket> {
    return Bucket{day_of(local(time)).time_since_epoch().count(), 0};
  };
}

BucketOf weeks_of(const RetentionPolicy& policy, sys_seconds now, const LocalClock& local) {
  const auto last = policy.weekly_on.value_or(std::chrono::Sunday);
  const auto today = day_of(local(now));
  const bool in_progress = policy.weekly_on && weekday(today) != last;
  return [=, &local](sys_seconds time) -> std::optional<Bucket> {
    const auto end = week_end(day_of(local(time)), last);
    if (in_progress && end == week_end(today, last)) {
      return std::nullopt;
    }
    return Bucket{end.time_since_epoch().count(), 0};
  };
}

BucketOf months_of(const LocalClock& local) {
  return [&local](sys_seconds time) -> std::optional<Bucket> {
    const year_month_day date(day_of(local(time)));
    return Bucket{static_cast<int>(date.year()), static_cast<unsigned>(date.month())};
  };
}

BucketOf years_of(const LocalClock& local) {
  return [&local](sys_seconds time) -> std::optional<Bucket> {
    return Bucket{static_cast<int>(year_month_day(day_of(local(time))).year()), 0};
  };
}

void keep_last(int count, Kept& kept) {
  for (std::size_t i = 0; i < kept.size() && i < static_cast<std::size_t>(count); ++i) {
    kept[i].emplace_back("last");
  }
}

void keep_within(std::chrono::seconds within, const std::vector<Restorable>& snapshots,
                 Kept& kept) {
  for (std::size_t i = 0; i < kept.size() && within.count() > 0; ++i) {
    if (snapshots[i].taken_at + within >= snapshots.front().taken_at) {
      kept[i].emplace_back("within");
    }
  }
}

void keep_by_bucket(const BucketRule& rule, const std::vector<Restorable>& snapshots, Kept& kept) {
  int left = rule.count;
  bool lacks_good = false;  // of the bucket before
  std::optional<Bucket> before;
  std::optional<std::size_t> oldest;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    const auto bucket = rule.bucket(snapshots[i].taken_at);
    if (!bucket) {
      continue;
    }
    const bool fresh = bucket != before;
    if (fresh && left == 0) {
      return;
    }
    left -= fresh ? 1 : 0;
    if (fresh || (lacks_good && snapshots[i].good)) {
      kept[i].push_back(rule.name);
      lacks_good = !snapshots[i].good;
    }
    before = bucket;
    oldest = i;
  }
  if (left > 0 && oldest && (kept[*oldest].empty() || kept[*oldest].back() != rule.name)) {
    kept[*oldest].push_back("oldest " + rule.name);
  }
}

}  // namespace

bool has_rules(const RetentionPolicy& policy) {
  return policy.last > 0 || policy.hourly > 0 || policy.daily > 0 || policy.weekly > 0 ||
         policy.monthly > 0 || policy.yearly > 0 || policy.within.count() > 0;
}

Kept rules_that_keep(const RetentionPolicy& policy, const std::vector<Restorable>& snapshots,
                     sys_seconds now, const LocalClock& local) {
  Kept kept(snapshots.size());
  keep_last(policy.last, kept);
  const std::array<BucketRule, 5> rules = {{{"hourly", policy.hourly, hours_of(local)},
                                            {"daily", policy.daily, days_of(local)},
                                            {"weekly", policy.weekly, weeks_of(policy, now, local)},
                                            {"monthly", policy.monthly, months_of(local)},
                                            {"yearly", policy.yearly, years_of(local)}}};
  for (const auto& rule : rules) {
    keep_by_bucket(rule, snapshots, kept);
  }
  keep_within(policy.within, snapshots, kept);
  return kept;
}

}  // namespace controller
