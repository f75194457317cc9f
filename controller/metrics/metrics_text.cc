#include <array>
#include <charconv>
#include <utility>

#include "controller/metrics/figures.h"

namespace controller {

namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

std::string number_text(double number) {
  constexpr std::size_t kLongest = 32;
  std::array<char, kLongest> text{};
  const auto end = std::to_chars(text.begin(), text.end(), number).ptr;
  return {text.begin(), end};
}

std::string escaped(const std::string& value) {
  std::string text;
  for (const char one : value) {
    text += one == '\n' ? "\\n" : one == '\\' ? "\\\\" : one == '"' ? "\\\"" : std::string(1, one);
  }
  return text;
}

/// Families of samples, each with its help and type before it.
class Exposition {
 public:
  /// What is added next belongs to this one; a family without samples does not appear.
  void family(const std::string& name, const std::string& type, const std::string& help) {
    name_ = "cofferdam_" + name;
    head_ = "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
  }

  void add(const Labels& labels, double value, const std::string& suffix = {}) {
    text_ += std::exchange(head_, {}) + name_ + suffix;
    std::string inner;
    for (const auto& [label, content] : labels) {
      inner += (inner.empty() ? "" : ",") + label + "=\"" + escaped(content) + "\"";
    }
    text_ += (inner.empty() ? "" : "{" + inner + "}") + " " + number_text(value) + "\n";
  }

  void add(const Labels& labels, const MaybeTime& time) {
    if (time) {
      add(labels, static_cast<double>(time->time_since_epoch().count()));
    }
  }

  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string name_;
  std::string head_;
  std::string text_;
};

/// Where snapshots are kept; copies elsewhere will have names of their own.
constexpr const char* kStore = "store";

constexpr std::array<JobState, 5> kEnds = {JobState::Success, JobState::Degraded, JobState::Failed,
                                           JobState::Cancelled, JobState::Interrupted};

double truth(bool value) {
  return value ? 1 : 0;
}

void add_process(Exposition& text, const Figures& figures) {
  text.family("build_info", "gauge", "The version that runs; always 1.");
  text.add({{"version", figures.version}}, 1);
  text.family("engine_up", "gauge", "Whether the engine answered at the last look.");
  text.add({}, truth(figures.engine_up));
  text.family("clock_suspect", "gauge", "Whether a snapshot is newer than now.");
  text.add({}, truth(figures.clock_suspect));
  text.family("jobs_running", "gauge", "Jobs that go on, by command.");
  for (const auto& [kind, count] : figures.running) {
    text.add({{"kind", kind}}, count);
  }
}

void add_config(Exposition& text, const Figures& figures) {
  if (!figures.config_good_at) {
    return;
  }
  text.family("config_last_reload_successful", "gauge",
              "Whether the config file is in force as it is.");
  text.add({}, truth(figures.config_good));
  text.family("config_last_reload_success_timestamp_seconds", "gauge",
              "When what is in force of the config file was read.");
  text.add({}, figures.config_good_at);
}

/// Also at 0: a rate is blind to a series that begins with its first failure.
void add_runs(Exposition& text, const Figures& figures, const RunTally& tally) {
  for (const auto state : kEnds) {
    const auto found = tally.ended.find(state);
    text.add({{"stack", figures.stack}, {"status", to_string(state)}},
             found == tally.ended.end() ? 0 : static_cast<double>(found->second));
  }
}

void add_durations(Exposition& text, const Figures& figures) {
  const auto& tally = figures.captures;
  text.family("backup_duration_seconds", "histogram",
              "How long captures took, since the sidecar started.");
  for (std::size_t i = 0; i < RunTally::kBounds.size(); ++i) {
    text.add({{"stack", figures.stack}, {"le", std::to_string(RunTally::kBounds.at(i))}},
             static_cast<double>(tally.within.at(i)), "_bucket");
  }
  text.add({{"stack", figures.stack}, {"le", "+Inf"}}, static_cast<double>(tally.timed), "_bucket");
  text.add({{"stack", figures.stack}}, tally.seconds, "_sum");
  text.add({{"stack", figures.stack}}, static_cast<double>(tally.timed), "_count");
}

void add_jobs(Exposition& text, const Figures& figures) {
  const Labels stack = {{"stack", figures.stack}};
  text.family("backup_runs_total", "counter", "Captures that ended, since the sidecar started.");
  add_runs(text, figures, figures.captures);
  text.family("restore_runs_total", "counter", "Restores that ended, since the sidecar started.");
  add_runs(text, figures, figures.restores);
  add_durations(text, figures);
  text.family("backup_last_attempt_timestamp_seconds", "gauge", "When the last capture began.");
  text.add(stack, figures.last_attempt);
  if (figures.last_state) {
    text.family("backup_last_status", "gauge", "How the last capture ended.");
    for (const auto state : kEnds) {
      text.add({{"stack", figures.stack}, {"status", to_string(state)}},
               truth(state == *figures.last_state));
    }
  }
  text.family("backup_next_run_timestamp_seconds", "gauge", "When a schedule captures next.");
  text.add(stack, figures.next_run);
  if (figures.expected_interval) {
    text.family("backup_expected_interval_seconds", "gauge",
                "The longest time between two captures, by the schedule that captures most often.");
    text.add(stack, static_cast<double>(figures.expected_interval->count()));
  }
  text.family("retention_blocked", "gauge",
              "Whether retention would drop snapshots and must not, by reason.");
  for (const auto& [reason, blocked] : figures.retention_blocked) {
    text.add({{"stack", figures.stack}, {"reason", reason}}, truth(blocked));
  }
  text.family("containers_pending_restart", "gauge",
              "Containers that are down because of a job and are to come back.");
  text.add(stack, figures.pending_restart);
}

void add_stacks(Exposition& text, const Figures& figures) {
  const auto each = [&](const auto& add) {
    for (const auto& [stack, one] : figures.stacks) {
      add(Labels{{"stack", stack}}, one);
    }
  };
  const auto at_store = [](Labels labels) {
    labels.emplace_back("destination", kStore);
    return labels;
  };
  text.family("snapshots", "gauge", "Snapshots that are not corrupt.");
  each([&](const auto& stack, const auto& one) { text.add(at_store(stack), one.snapshots); });
  text.family("backup_last_success_timestamp_seconds", "gauge",
              "As of when the newest good snapshot is.");
  each([&](const auto& stack, const auto& one) { text.add(at_store(stack), one.newest_good); });
  text.family("backup_size_bytes", "gauge", "Size of the newest good snapshot.");
  each([&](auto stack, const auto& one) {
    stack.emplace_back("kind", "total");
    text.add(stack, static_cast<double>(one.newest_bytes));
  });
  text.family("backup_downtime_seconds", "gauge",
              "The longest any service was down for the newest good snapshot.");
  each([&](const auto& stack, const auto& one) { text.add(stack, one.newest_downtime_seconds); });
  text.family("verify_last_success_timestamp_seconds", "gauge",
              "When a snapshot last passed a check of that level.");
  each([&](const auto& stack, const auto& one) {
    for (const auto& [level, at] : one.checked) {
      auto labels = stack;
      labels.emplace_back("level", to_string(level));
      text.add(labels, at);
    }
  });
  text.family("drill_last_success_timestamp_seconds", "gauge", "When a snapshot last was drilled.");
  each([&](const auto& stack, const auto& one) {
    const auto drilled = one.checked.find(CheckLevel::Drilled);
    text.add(stack, drilled == one.checked.end() ? MaybeTime() : drilled->second);
  });
}

void add_storage(Exposition& text, const Figures& figures) {
  text.family("storage_bytes", "gauge", "What snapshots take, and what is free.");
  text.add({{"destination", kStore}, {"kind", "used"}}, static_cast<double>(figures.bytes_used));
  text.add({{"destination", kStore}, {"kind", "free"}}, static_cast<double>(figures.bytes_free));
}

void add_notifications(Exposition& text, const Figures& figures) {
  text.family("notifications_failed_total", "counter", "Attempts to tell somebody that failed.");
  for (const auto& target : figures.targets) {
    text.add({{"target", target.target}}, static_cast<double>(target.failed));
  }
  text.family("notifications_lost_total", "counter", "Notifications that were given up.");
  for (const auto& target : figures.targets) {
    text.add({{"target", target.target}}, static_cast<double>(target.lost));
  }
  text.family("notifications_waiting", "gauge", "Notifications that are to be delivered.");
  for (const auto& target : figures.targets) {
    text.add({{"target", target.target}}, target.waiting);
  }
}

}  // namespace

std::string metrics_text(const Figures& figures) {
  Exposition text;
  add_process(text, figures);
  add_config(text, figures);
  if (!figures.stack.empty()) {
    add_jobs(text, figures);
  }
  add_stacks(text, figures);
  add_storage(text, figures);
  add_notifications(text, figures);
  return std::move(text).text();
}

}  // namespace controller
