#include "controller/cli/json_log.h"

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/clock.h"
#include "controller/units.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kInterval{30};

Json line_of(std::string_view level, const std::string& text, const LogOrigin& origin,
             std::chrono::system_clock::time_point now) {
  Json line = {{"ts", rfc3339(now)}, {"level", level}, {"msg", text}};
  if (!origin.job.empty()) {
    line["job"] = origin.job;
  }
  if (!origin.stack.empty()) {
    line["stack"] = origin.stack;
  }
  return line;
}

std::string dumped(const Json& line) {
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string sentence(const ComponentProgress& progress) {
  auto text = progress.component + ": " + human_bytes(progress.bytes);
  if (progress.finished) {
    return text + ", done";
  }
  return progress.total > 0 ? text + " of " + human_bytes(progress.total) : text;
}

class JsonLog : public Reporter {
 public:
  JsonLog(bool quiet, LogOrigin origin, JsonLogOutput output)
      : quiet_(quiet), origin_(std::move(origin)), output_(std::move(output)) {}

  void phase(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    phase_ = text;
    if (!quiet_) {
      output_.write(dumped(line_of("info", text, origin_, output_.now())));
    }
  }

  void progress(const ComponentProgress& progress) override {
    const std::scoped_lock lock(mutex_);
    const auto now = output_.now();
    const auto told = told_.try_emplace(progress.component, now).first;
    if (!progress.finished && now - told->second < kInterval) {
      return;
    }
    told->second = now;
    if (progress.finished) {
      told_.erase(told);
    }
    if (!quiet_) {
      write(progress.component, "info", sentence(progress));
    }
  }

  void warning(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    write({}, "warn", text);
  }

  void output(const std::string& source, const std::string& line) override {
    const std::scoped_lock lock(mutex_);
    if (!quiet_) {
      write("service " + source, "info", line);
    }
  }

 private:
  void write(const std::string& component, std::string_view level, const std::string& text) {
    auto line = line_of(level, text, origin_, output_.now());
    if (!phase_.empty()) {
      line["phase"] = phase_;
    }
    if (!component.empty()) {
      line["component"] = component;
    }
    output_.write(dumped(line));
  }

  bool quiet_;
  LogOrigin origin_;
  JsonLogOutput output_;
  std::mutex mutex_;
  std::string phase_;
  std::map<std::string, std::chrono::system_clock::time_point> told_;  // components on their way
};

}  // namespace

std::string json_log_line(std::string_view level, const std::string& text, const LogOrigin& origin,
                          std::chrono::system_clock::time_point now) {
  return dumped(line_of(level, text, origin, now));
}

std::unique_ptr<Reporter> make_json_log(bool quiet, LogOrigin origin, JsonLogOutput output) {
  return std::make_unique<JsonLog>(quiet, std::move(origin), std::move(output));
}

}  // namespace controller
