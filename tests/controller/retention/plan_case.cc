#include "tests/controller/retention/plan_case.h"

#include <map>
#include <sstream>
#include <stdexcept>

#include "controller/clock.h"
#include "controller/schedule/scheduled_name.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

std::chrono::sys_seconds time_in(std::istream& line) {
  std::string word;
  line >> word;
  return time_from_rfc3339(word).value();
}

std::chrono::hours hours_in(std::istream& line) {
  int count = 0;
  char unit = 0;
  line >> count >> unit;
  if (unit != 'h') {
    throw std::invalid_argument("no hours");
  }
  return std::chrono::hours(count);
}

std::chrono::minutes offset_in(std::istream& line) {
  int digits = 0;
  line >> digits;
  return std::chrono::hours(digits / 100) + std::chrono::minutes(digits % 100);
}

void read_policy(std::istream& line, RetentionPolicy& policy) {
  const std::map<std::string, int RetentionPolicy::*> counts = {
      {"last", &RetentionPolicy::last},       {"hourly", &RetentionPolicy::hourly},
      {"daily", &RetentionPolicy::daily},     {"weekly", &RetentionPolicy::weekly},
      {"monthly", &RetentionPolicy::monthly}, {"yearly", &RetentionPolicy::yearly}};
  std::string word;
  while (line >> word) {
    const auto name = word.substr(0, word.find('='));
    std::istringstream value(word.substr(name.size() + 1));
    if (name == "within") {
      policy.within = hours_in(value);
    } else if (name == "weekly-on") {
      policy.weekly_on = std::chrono::weekday(static_cast<unsigned>(std::stoi(value.str())));
    } else {
      policy.*counts.at(name) = std::stoi(value.str());
    }
  }
}

LocalClock read_zone(std::istream& line) {
  const auto first = offset_in(line);
  std::map<std::chrono::sys_seconds, std::chrono::minutes> changes;
  while (line >> std::ws && !line.eof()) {
    const auto from = time_in(line);
    changes[from] = offset_in(line);
  }
  return [first, changes](std::chrono::sys_seconds time) {
    const auto after = changes.upper_bound(time);
    const auto offset = after == changes.begin() ? first : std::prev(after)->second;
    return std::chrono::local_seconds((time + offset).time_since_epoch());
  };
}

RetentionCandidate read_snapshot(const std::string& kind, std::istream& line) {
  const std::map<std::string, Soundness> kinds = {
      {"good", Soundness::Good}, {"degraded", Soundness::Degraded}, {"broken", Soundness::Broken}};
  RetentionCandidate one;
  one.soundness = kinds.at(kind);
  line >> one.name;
  one.schedule = schedule_of(one.name);
  one.taken_at = time_in(line);
  std::string word;
  while (line >> word) {
    one.verified = one.verified || word == "verified";
    one.pinned = one.pinned || word == "pinned";
    one.in_use = word == "in-use" ? "a drill" : one.in_use;
  }
  return one;
}

void read_series(std::istream& line, std::vector<RetentionCandidate>& snapshots) {
  const auto step = hours_in(line);
  const auto from = time_in(line);
  const auto until = time_in(line);
  std::string schedule;
  line >> schedule;
  for (auto time = from; time <= until; time += step) {
    RetentionCandidate one;
    one.name = schedule.empty() ? snapshot_name_of(time) : scheduled_name(schedule, time);
    one.schedule = schedule;
    one.taken_at = time;
    snapshots.push_back(one);
  }
}

void read_line(std::istream& line, PlanCase& all) {
  std::string word;
  line >> word;
  if (word == "policy") {
    read_policy(line, all.policies.usual);
  } else if (word == "policy-of") {
    line >> word;
    read_policy(line, all.policies.of_schedules[word]);
  } else if (word == "now") {
    all.moment.now = time_in(line);
  } else if (word == "zone") {
    all.moment.local = read_zone(line);
  } else if (word == "failed-run") {
    std::getline(line >> std::ws, all.moment.failed_run);
  } else if (word == "owed") {
    std::getline(line >> std::ws, all.moment.owed);
  } else if (word == "every") {
    read_series(line, all.snapshots);
  } else if (!word.empty()) {
    all.snapshots.push_back(read_snapshot(word, line));
  }
}

}  // namespace

PlanCase read_case(const std::string& text) {
  std::istringstream utc("+0000");
  PlanCase all;
  all.moment.local = read_zone(utc);
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    try {
      std::istringstream words(line);
      read_line(words, all);
    } catch (const std::exception& error) {
      throw std::invalid_argument(line + ": " + error.what());
    }
  }
  return all;
}

std::string case_text(const RetentionPlan& plan) {
  std::string text;
  for (const auto& verdict : plan.verdicts) {
    std::string reasons;
    for (const auto& reason : verdict.reasons) {
      reasons += (reasons.empty() ? "" : ", ") + reason;
    }
    text += (verdict.kept ? "keep " : "drop ") + verdict.name + ": " + reasons + "\n";
  }
  text += plan.obstacle.empty() ? "" : "obstacle: " + plan.obstacle + "\n";
  return text + (plan.needs_consent.empty() ? "" : "consent: " + plan.needs_consent + "\n");
}

}  // namespace controller
